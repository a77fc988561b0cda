/** A service's pure decisions, and the tests that are to notice each change of them. */
export interface Decisions {
  readonly service: string;
  /** Relative to the service's `src`. */
  readonly files: readonly string[];
  /**
   * They prepare what they need within each test: to change what runs while they are loaded, they have to be loaded
   * again in a process of its own, which takes more than a second.
   */
  readonly tests: readonly string[];
}

/** Expiration is not here: it decides nothing by itself, and what it asks of JetStream is tested on a real one. */
export const decisions: readonly Decisions[] = [
  {
    service: 'auth',
    files: [
      ...['guesses.ts', 'tallies.ts', 'origin.ts'],
      ...['people/account.ts', 'people/notice.ts', 'links/link.ts', 'sessions/device.ts'],
    ],
    tests: [
      ...['guesses.test.ts', 'origin.test.ts'],
      ...['people/account.test.ts', 'links/link.test.ts', 'sessions/device.test.ts'],
    ],
  },
  {
    service: 'common',
    files: ['fair-queue.ts', 'fair-clocks.ts'],
    tests: ['fair-queue.test.ts', 'fair-clocks.test.ts'],
  },
  {
    service: 'tickets',
    files: [
      ...['ticket.ts', 'words.ts', 'windows.ts'],
      ...['shows/show.ts', 'shows/edit.ts', 'shows/possible.ts', 'shows/quantity.ts', 'shows/ranges.ts'],
      ...['shows/refunds.ts', 'shows/sales-csv.ts'],
    ],
    tests: [
      ...['ticket.test.ts', 'ticket-money.test.ts', 'ticket-resale.test.ts', 'words.test.ts', 'windows.test.ts'],
      ...['shows/show.test.ts', 'shows/edit.test.ts', 'shows/possible.test.ts', 'shows/ranges.test.ts'],
      ...['shows/refunds.test.ts', 'shows/sales-csv.test.ts'],
    ],
  },
  {
    service: 'orders',
    files: [
      ...['order.ts', 'reserve.ts', 'ended.ts', 'money.ts', 'places.ts', 'lookup.ts', 'resale/resale.ts'],
      ...['shows/reserve-show.ts', 'shows/unit-list.ts', 'waiting/entry.ts'],
    ],
    tests: [
      ...['order.test.ts', 'money.test.ts', 'resale/resale.test.ts', 'ended.test.ts', 'places.test.ts'],
      ...['lookup.test.ts', 'shows/reserve-show.test.ts', 'shows/unit-list.test.ts', 'waiting/entry.test.ts'],
    ],
  },
  {
    service: 'payments',
    files: [
      ...['payment.ts', 'refund.ts', 'owed.ts', 'part-refund.ts'],
      ...['postponed.ts', 'wish.ts', 'mismatch.ts', 'hint.ts'],
    ],
    tests: [
      ...['payment.test.ts', 'money-moves.test.ts', 'refund.test.ts', 'part-refund.test.ts', 'owed.test.ts'],
      ...['postponed.test.ts', 'wish.test.ts', 'mismatch.test.ts', 'hint.test.ts', 'sale.test.ts'],
    ],
  },
  {
    service: 'mail',
    files: ['fact.ts', 'held.ts', 'pauses.ts', 'message-id.ts'],
    tests: ['fact.test.ts', 'held.test.ts'],
  },
];

/** Files that decide without waiting for anything and are not mutated, and why. */
export const notMutated: readonly {
  /** Of a file, or the beginning of several, relative to the repository. */
  readonly path: string;
  readonly reason: string;
}[] = [
  { path: 'auth/src/people/language.ts', reason: 'a choice that Express makes' },
  {
    path: 'mail/src/letters/',
    reason: 'the words of letters; what they say of a fact, their tests compare as a whole',
  },
  { path: 'orders/src/owned-by.ts', reason: 'a condition for the database, so its tests ask one' },
  { path: 'orders/src/waiting/lookup.ts', reason: 'conditions for the database, so their tests ask one' },
  { path: 'payments/src/event-types.ts', reason: 'a list of names' },
  { path: 'payments/src/stripe-event.ts', reason: 'the form of a request, tested with the requests' },
  { path: 'tickets/src/shows/holds.ts', reason: 'changes for the database to make, so their tests have it make them' },
];

/** A change that no test notices, and why that is right. */
export interface Survivor {
  /** Relative to the repository. */
  readonly file: string;
  /** The mutated expression as it stands in the source. */
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export const survivors: readonly Survivor[] = [
  {
    file: 'orders/src/reserve.ts',
    original: '(tickets ?? [freshTicket]).some((ticket) => keeps(status, ticket))',
    replacement: '(tickets ?? [freshTicket]).every(ticket => keeps(status, ticket))',
    reason: 'an order for a single ticket has one ticket',
  },
  {
    file: 'orders/src/resale/resale.ts',
    original: 'tickets[0]?.attempt',
    replacement: 'tickets[0].attempt',
    reason: 'the compiler asks for it; an order has at least one ticket',
  },
  {
    file: 'orders/src/money.ts',
    original: '[]',
    replacement: '["Stryker was here"]',
    reason: 'no ticket has that id',
  },
  {
    file: 'auth/src/tallies.ts',
    original: "''",
    replacement: '"Stryker was here!"',
    reason: 'the compiler asks for it; where there are too many tallies there is a first one',
  },
  {
    file: 'auth/src/sessions/device.ts',
    original: "''",
    replacement: '"Stryker was here!"',
    reason: 'for want of a header or an address: neither text names a browser, a system or a network',
  },
  {
    file: 'tickets/src/shows/possible.ts',
    original: 'salesFrom && salesUntil',
    replacement: 'salesFrom || salesUntil',
    reason: 'the compiler asks for both; what is not specified is neither before nor after anything',
  },
  {
    file: 'tickets/src/ticket.ts',
    original: 'price <= mostPrice(currency)',
    replacement: 'price < mostPrice(currency)',
    reason: 'the largest price can be paid, so what follows lets it through as well',
  },
  {
    file: 'tickets/src/ticket.ts',
    original: 'news.version > last.version',
    replacement: 'news.version >= last.version',
    reason: 'a version of an order says one thing, so the same again is the same hold, which changes nothing',
  },
];
