import { announcers, services } from '../../services.ts';
import { events, streamsHeardBy } from './events.ts';

describe('services.ts', () => {
  it.each(services)('says whom $name hears, as its listeners do', ({ name, hears }) => {
    expect(streamsHeardBy(name).toSorted()).toEqual([...hears].sort());
  });

  it('says who announces, as the contracts do', () => {
    expect([...new Set(events.map(({ announcedBy }) => announcedBy))].sort()).toEqual([...announcers].sort());
  });
});
