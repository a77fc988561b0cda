import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Currency, Id, Instant, NewInstant, Price, TimeZone, Version } from './primitives.ts';
import { lines, text } from './text.ts';

const line = text(200);

/** Most kinds of tickets of one show. */
export const mostKinds = 20;
/** Most tickets of one show, of all kinds together. */
export const mostUnits = 50_000;

export const ShowState = z.enum(['preparing', 'on-sale', 'paused', 'cancelled']);
export type ShowState = z.infer<typeof ShowState>;

/** Numbers of tickets, both ends included. */
export const NumberRange = z.object({ first: z.int().positive(), last: z.int().positive() });
export type NumberRange = z.infer<typeof NumberRange>;

/** Tickets of one show that cost the same and are as good as each other, or that differ only in their seats. */
export const Kind = z.object({
  id: Id,
  name: z.string(),
  price: Price,
  quantity: z.int().positive().describe('How many tickets there are, held and sold ones included'),
  made: z
    .int()
    .nonnegative()
    .describe('The tickets made so far have the numbers 1 to this one; higher ones do not exist yet'),
  removed: z
    .array(NumberRange)
    .optional()
    .describe('Numbers that were taken off sale, in ascending order; never sold again unless they are put back'),
  maxPerOrder: z.int().positive().optional(),
  salesFrom: Instant.optional().describe('Not sold before'),
  salesUntil: Instant.optional().describe('Not sold from then on'),
  seats: z
    .array(z.string())
    .optional()
    .describe('If it has seats: the label of each ticket, by its number, beginning with number 1'),
});
export type Kind = z.infer<typeof Kind>;

export const Venue = z.object({ name: z.string(), address: z.string().optional() });

export const Show = z.object({
  id: Id,
  version: Version,
  userId: z.string().describe('The organiser'),
  state: ShowState,
  title: z.string(),
  description: z.string().optional(),
  venue: Venue,
  timeZone: z.string().describe('IANA name of the time zone it takes place in'),
  startsAt: Instant.describe('When it begins; from then on it is not sold'),
  endsAt: Instant.optional(),
  currency: Currency,
  image: z.string().optional().describe('An https address'),
  perPerson: z.int().positive().optional().describe('How many tickets one person may have'),
  kinds: z.array(Kind),
});
export type Show = z.infer<typeof Show>;

/**
 * The numbers of a kind's tickets that exist and have not been taken off sale, in ascending order. Whether somebody
 * holds them is not known here.
 */
export function* numbersOf({ made, removed = [] }: Pick<Kind, 'made' | 'removed'>): Generator<number> {
  let number = 1;
  for (const { first, last } of [...removed, { first: made + 1, last: made + 1 }]) {
    for (; number < first && number <= made; number++) yield number;
    number = Math.max(number, last + 1);
  }
}

/** A kind as everybody may see it. Its seats are listed by GET /api/shows/:id/seats. */
export const PublicKind = Kind.omit({ seats: true, removed: true }).extend({
  seated: z.literal(true).optional().describe('Its tickets have seats: see GET /api/shows/:id/seats'),
});

/** A show in a list. */
export const ListedShow = Show.extend({
  kinds: z.array(PublicKind),
  over: z.literal(true).optional().describe('It has begun, so its tickets are no longer sold'),
  soldOut: z
    .literal(true)
    .optional()
    .describe('It is on sale, and none of its tickets can be bought: all are reserved or sold, and none is on offer'),
});
export type ListedShow = z.infer<typeof ListedShow>;

/** The answer of GET /api/shows/:id. */
export const ShowAnswer = ListedShow.extend({
  kinds: z.array(
    PublicKind.extend({
      left: z
        .int()
        .nonnegative()
        .describe('How many can be bought: nobody holds them, or their holders offer them; at most a second old'),
    }),
  ),
});
export type ShowAnswer = z.infer<typeof ShowAnswer>;

/** One seat of a show, in the answer of GET /api/shows/:id/seats. */
export const Seat = z.object({
  id: Id.describe('The id of the ticket, for POST /api/orders'),
  label: z.string(),
  free: z.boolean().describe('Whether nobody holds it, or its holder offers it'),
});
export type Seat = z.infer<typeof Seat>;

const tally = {
  sold: z.int().nonnegative().describe('How many were sold, refunded ones included'),
  refunded: z.int().nonnegative().describe('How many of them were refunded'),
  money: z.int().describe('What buyers have paid minus what they got back, in the smallest unit of the currency'),
};

const supply = {
  made: z.int().nonnegative().describe('How many exist, without those that were taken off sale'),
  left: z.int().nonnegative().describe('How many can be bought: nobody holds them, or their holders offer them'),
};

/** The answer of GET /api/shows/:id/sales. */
export const Sales = z.object({
  showId: Id,
  currency: Currency,
  timeZone: z.string().describe('That of the show, in which the days are'),
  kinds: z.array(
    z.object({
      id: Id,
      name: z.string(),
      ...supply,
      reserved: z
        .int()
        .nonnegative()
        .describe('How many are reserved and not paid yet; among them sold ones that somebody else is about to buy'),
      ...tally,
    }),
  ),
  total: z.object({ ...supply, reserved: z.int().nonnegative(), ...tally }),
  days: z
    .array(z.object({ day: z.iso.date(), ...tally }))
    .describe('Days on which something was sold or refunded, in order; `money` of a day may be negative'),
});
export type Sales = z.infer<typeof Sales>;

/** What may be left out, and taken back with null. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().exactOptional();
const count = z
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(mostUnits, `must be at most ${mostUnits}`);

const HttpsAddress = z
  .url('must be an address')
  .max(2_000, 'must be at most 2000 characters')
  .regex(/^https:\/\/[^/\s]/i, 'must begin with https://');

const facts = {
  title: line,
  description: optional(lines(5_000)),
  venue: z.strictObject({ name: line, address: optional(line) }),
  timeZone: TimeZone,
  startsAt: NewInstant,
  endsAt: optional(NewInstant),
  image: optional(HttpsAddress),
  perPerson: optional(count),
};

const kindFacts = {
  name: line,
  price: Price,
  quantity: count,
  maxPerOrder: optional(count),
  salesFrom: optional(NewInstant),
  salesUntil: optional(NewInstant),
};

const labels = z.array(text(20)).min(1, 'must not be empty').max(mostUnits);

const NewKind = z.strictObject({
  ...kindFacts,
  seats: optional(labels).describe('The label of each seat, if the tickets have seats; as many as `quantity`'),
});
export type NewKind = z.infer<typeof NewKind>;

/** The body of POST /api/shows. */
export const NewShow = z.strictObject({
  ...facts,
  currency: Currency.exactOptional().meta({ default: 'eur' }),
  kinds: z.array(NewKind).min(1, 'must hold at least one kind').max(mostKinds, `must hold at most ${mostKinds} kinds`),
});
export type NewShow = z.infer<typeof NewShow>;

const KindChanges = z.strictObject({
  id: Id,
  name: kindFacts.name.exactOptional(),
  price: kindFacts.price.exactOptional(),
  quantity: kindFacts.quantity
    .exactOptional()
    .describe(
      'Never fewer than are reserved or sold. Those with the highest numbers that nobody holds are removed first',
    ),
  maxPerOrder: kindFacts.maxPerOrder,
  salesFrom: kindFacts.salesFrom,
  salesUntil: kindFacts.salesUntil,
  addSeats: labels
    .exactOptional()
    .describe('The labels of further seats; without `quantity` there are as many tickets more'),
});
export type KindChanges = z.infer<typeof KindChanges>;

/** The body of PUT /api/shows/:id: missing fields and kinds stay as they are. */
export const ShowChanges = z
  .strictObject({
    ...facts,
    title: facts.title.exactOptional(),
    venue: facts.venue.exactOptional(),
    timeZone: facts.timeZone.exactOptional(),
    startsAt: facts.startsAt.exactOptional(),
    kinds: z.array(KindChanges).min(1, 'must hold at least one kind').max(mostKinds).exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'must name at least one field');
export type ShowChanges = z.infer<typeof ShowChanges>;

// The second half of their types differs from that of the events of single tickets, because both are on one stream and
// consumers choose by it.
const event = (type: string, summary: string) => defineEvent({ type, announcedBy: 'tickets', data: Show, summary });

export const ShowPrepared = event('show.prepared', 'An organiser announced a show; its tickets are being made.');
export const ShowChanged = event('show.changed', 'A show went on sale, was paused, resumed or edited.');
export const ShowCancelled = event('show.cancelled', 'A show will not take place.');
