import { events, listenersTo } from './events.ts';

/** Services that listen to an aggregate without keeping a copy, and why they need only some of its events. */
const keepsNoCopy: Readonly<Record<string, string>> = {
  'expiration to order': 'a timer is set when an order is created and removed when the order ends',
  'mail to waiting': 'nobody needs a mail about what they have just done themselves',
};

describe('a service that listens to an aggregate', () => {
  const kinds = [...Map.groupBy(events, ({ data }) => data).values()];
  const pairs = kinds.flatMap((kind) =>
    [...new Set(kind.flatMap(listenersTo))].map((listener) => ({
      listener,
      aggregate: kind[0]?.type.split('.')[0] ?? '',
      kind,
    })),
  );

  it.each(pairs)('listens to all of its events: $listener to $aggregate', ({ listener, aggregate, kind }) => {
    const missed = kind.filter((event) => !listenersTo(event).includes(listener)).map(({ type }) => type);
    if (`${listener} to ${aggregate}` in keepsNoCopy) expect(missed).not.toEqual([]);
    else expect(missed).toEqual([]);
  });

  it('is found in the lists of listeners', () => {
    const found = pairs.map(({ listener, aggregate }) => `${listener} to ${aggregate}`);
    expect(found).toEqual(expect.arrayContaining(['tickets to order', 'orders to ticket', 'payments to order']));
    expect(found).toEqual(expect.arrayContaining(Object.keys(keepsNoCopy)));
  });
});
