import { events, hearersOf } from './events.ts';

/** Services that keep no copy of what they hear of, and why some of its events are enough for them. */
const keepsNoCopy: Readonly<Record<string, string>> = {
  'expiration of orders': 'a timer is set when an order is made, and is in the way only once the order is over',
};

describe('a service that hears of an aggregate', () => {
  const kinds = [...Map.groupBy(events, ({ data }) => data).values()];
  const hearings = kinds.flatMap((kind) =>
    [...new Set(kind.flatMap(hearersOf))].map((hearer) => ({ hearer, announcer: kind[0]?.announcedBy ?? '', kind })),
  );

  it.each(hearings)('hears everything that happens to it: $hearer of $announcer', ({ hearer, announcer, kind }) => {
    const missed = kind.filter((event) => !hearersOf(event).includes(hearer)).map(({ type }) => type);
    if (`${hearer} of ${announcer}` in keepsNoCopy) expect(missed).not.toEqual([]);
    else expect(missed).toEqual([]);
  });

  it('is found in the lists of listeners', () => {
    const found = hearings.map(({ hearer, announcer }) => `${hearer} of ${announcer}`);
    expect(found).toEqual(expect.arrayContaining(['tickets of orders', 'orders of tickets', 'payments of orders']));
    expect(found).toEqual(expect.arrayContaining(Object.keys(keepsNoCopy)));
  });
});
