import { announcers, services } from '../../services.ts';
import { events, streamsOf } from './events.ts';

describe('services.ts', () => {
  it.each(services)('lists the services that $name listens to, as its listeners do', ({ name, listensTo }) => {
    expect(streamsOf(name).toSorted()).toEqual([...listensTo].sort());
  });

  it('lists the services that announce events, as the contracts do', () => {
    expect([...new Set(events.map(({ announcedBy }) => announcedBy))].sort()).toEqual([...announcers].sort());
  });
});
