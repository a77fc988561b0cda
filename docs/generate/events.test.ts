import { events, listenersTo } from './events.ts';

/** Services that listen to an aggregate without keeping a copy, and why they need only some of its events. */
const keepsNoCopy: Readonly<Record<string, string>> = {
  'expiration to orders': 'a timer is set when an order is created and removed when the order ends',
};

describe('a service that listens to an aggregate', () => {
  const kinds = [...Map.groupBy(events, ({ data }) => data).values()];
  const pairs = kinds.flatMap((kind) =>
    [...new Set(kind.flatMap(listenersTo))].map((listener) => ({
      listener,
      announcer: kind[0]?.announcedBy ?? '',
      kind,
    })),
  );

  it.each(pairs)('listens to all of its events: $listener to $announcer', ({ listener, announcer, kind }) => {
    const missed = kind.filter((event) => !listenersTo(event).includes(listener)).map(({ type }) => type);
    if (`${listener} to ${announcer}` in keepsNoCopy) expect(missed).not.toEqual([]);
    else expect(missed).toEqual([]);
  });

  it('is found in the lists of listeners', () => {
    const found = pairs.map(({ listener, announcer }) => `${listener} to ${announcer}`);
    expect(found).toEqual(expect.arrayContaining(['tickets to orders', 'orders to tickets', 'payments to orders']));
    expect(found).toEqual(expect.arrayContaining(Object.keys(keepsNoCopy)));
  });
});
