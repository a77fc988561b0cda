import { z } from 'zod';
import type { Journal } from './journal.ts';
import { type Charge, type Dispute, EventType, type Intent, type Method, type Refund, Row } from './rows.ts';

const RefusalRow = z.object({
  type: z.enum(['invalid_request_error', 'card_error', 'idempotency_error', 'api_error']),
  message: z.string(),
  code: z.string().optional(),
  param: z.string().optional(),
  decline_code: z.string().optional(),
  charge: z.string().optional(),
});

/**
 * An answer kept under an idempotency key: which row it showed, or what it refused. Rendered again when it is asked for
 * again.
 */
export const Answer = z.object({
  key: z.string(),
  path: z.string(),
  fingerprint: z.string(),
  at: z.int(),
  requestId: z.string(),
  audience: z.enum(['secret', 'public']),
  status: z.int(),
  shows: z.string().nullable(),
  method: z.string().nullable(),
  expand: z.array(z.string()),
  refusal: RefusalRow.nullable(),
});
export type Answer = z.infer<typeof Answer>;

const Announced = z.object({
  id: z.string(),
  type: EventType,
  created: z.int(),
  about: z.int().describe('Which of the puts'),
  apiVersion: z.string(),
  requestId: z.string().nullable(),
  key: z.string().nullable(),
});

const Line = z.union([
  z.object({
    puts: z.array(Row),
    events: z.array(Announced),
    endpoints: z.int().describe('How many receivers each event is for'),
    answer: Answer.nullable(),
  }),
  z.object({ delivered: z.string(), endpoint: z.int() }),
  z.object({ lost: z.string() }),
  z.object({ advancedMs: z.int() }),
]);
type Line = z.infer<typeof Line>;
export type Change = Extract<Line, { puts: unknown }>;

export interface StripeEvent extends z.infer<typeof Announced> {
  /** The row as it was when the event happened. */
  row: Row;
  /** Receivers that have not confirmed it, by their place in the list of receivers. */
  open: Set<number>;
  lost: boolean;
}

export interface KeptAnswer extends Answer {
  /** The rows as they were when the answer was given. */
  rows: Row[];
}

/** Rows of one kind in the order of their creation, newest first when listed. */
export interface Collection<T> {
  get(id: string): T | undefined;
  put(row: T): void;
  /** Begins with the one before `after`, or with the newest. */
  newestFirst(after?: string): Generator<T>;
  some(wanted: (row: T) => boolean): boolean;
  readonly size: number;
}

function collection<T extends { id: string }>(): Collection<T> {
  const rows: T[] = [];
  const places = new Map<string, number>();
  return {
    get: (id) => rows[places.get(id) ?? -1],
    put(row) {
      const place = places.get(row.id) ?? rows.length;
      places.set(row.id, place);
      rows[place] = row;
    },
    *newestFirst(after) {
      const end = after === undefined ? rows.length : (places.get(after) ?? 0);
      for (let place = end - 1; place >= 0; place -= 1) {
        const row = rows[place];
        if (row !== undefined) yield row;
      }
    },
    some: (wanted) => rows.some(wanted),
    get size() {
      return rows.length;
    },
  };
}

export interface Ledger {
  readonly intents: Collection<Intent>;
  readonly charges: Collection<Charge>;
  readonly refunds: Collection<Refund>;
  readonly disputes: Collection<Dispute>;
  readonly methods: Collection<Method>;
  readonly events: Collection<StripeEvent>;
  /** Intents that wait for a capture, the longest first: what may expire. */
  readonly uncaptured: ReadonlySet<string>;
  /** Refunds that a bank has yet to decide, oldest first. */
  readonly undecided: ReadonlySet<string>;
  /** How far the clock was advanced by hand. */
  readonly advancedMs: number;
  find(id: string): Row | undefined;
  answer(key: string): KeptAnswer | undefined;
  forgetAnswersBefore(at: number): void;
  /** Applies a line and writes it to the journal; gives the events in it. */
  commit(line: Line): StripeEvent[];
  /** Applies a line of the journal. */
  replay(line: unknown): void;
}

/** Everything the sandbox knows, in memory; the journal is how it got there. */
export function createLedger(journal: () => Journal): Ledger {
  const intents = collection<Intent>();
  const charges = collection<Charge>();
  const refunds = collection<Refund>();
  const disputes = collection<Dispute>();
  const undecided = new Set<string>();
  const methods = collection<Method>();
  const events = collection<StripeEvent>();
  const answers = new Map<string, KeptAnswer>();
  const uncaptured = new Set<string>();
  let advancedMs = 0;

  function put(row: Row): void {
    switch (row.kind) {
      case 'intent':
        intents.put(row);
        if (row.status === 'requires_capture') uncaptured.add(row.id);
        else uncaptured.delete(row.id);
        return;
      case 'charge':
        charges.put(row);
        return;
      case 'refund':
        refunds.put(row);
        if (row.settlesAt === null) undecided.delete(row.id);
        else undecided.add(row.id);
        return;
      case 'dispute':
        disputes.put(row);
        return;
      case 'method':
        methods.put(row);
        return;
    }
  }

  function apply(line: Line): StripeEvent[] {
    if ('advancedMs' in line) advancedMs = line.advancedMs;
    if ('delivered' in line) events.get(line.delivered)?.open.delete(line.endpoint);
    if ('lost' in line) {
      const event = events.get(line.lost);
      if (event) event.lost = true;
    }
    if (!('puts' in line)) return [];
    line.puts.forEach(put);
    if (line.answer) answers.set(line.answer.key, { ...line.answer, rows: line.puts });
    return line.events.map((announced) => {
      const row = line.puts[announced.about];
      if (row === undefined) throw new Error(`${announced.id} is about a row that is not in its line`);
      const event = { ...announced, row, open: new Set(Array(line.endpoints).keys()), lost: false };
      events.put(event);
      return event;
    });
  }

  return {
    intents,
    charges,
    refunds,
    disputes,
    undecided,
    methods,
    events,
    uncaptured,
    get advancedMs() {
      return advancedMs;
    },
    find: (id) => intents.get(id) ?? charges.get(id) ?? refunds.get(id) ?? disputes.get(id) ?? methods.get(id),
    answer: (key) => answers.get(key),
    forgetAnswersBefore(at) {
      for (const [key, answer] of answers) {
        // Kept in the order they were given, so the first young one ends the search.
        if (answer.at >= at) return;
        answers.delete(key);
      }
    },
    commit(line) {
      const happened = apply(line);
      journal().append(line);
      return happened;
    },
    replay(line) {
      apply(Line.parse(line));
    },
  };
}
