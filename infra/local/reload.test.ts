import { serviceNames } from '../../services.ts';
import { touchedBy } from './reload.ts';

describe('a changed file', () => {
  it.each([
    ['orders/src/order.ts', ['orders']],
    ['common/src/http/app.ts', [...serviceNames]],
    ['common/src/testing/engines.ts', []],
    ['client/src/app/page.tsx', []],
    ['orders/package.json', []],
  ])('%s reloads %j', (path, services) => {
    expect(touchedBy(path)).toEqual(services);
  });
});
