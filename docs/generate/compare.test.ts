import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { compare } from './compare.ts';
import { Contracts, contractsOf } from './contracts.ts';
import { currentVersion, releasedContracts } from './documents.ts';
import { jsonSchema } from './schema.ts';
import { isWidened, widened } from './widened.ts';

const none = { version: '0', produced: {}, consumed: {} };

/** What listeners would suffer from, had an event changed so. */
function produced(before: z.ZodType, after: z.ZodType): string[] {
  const at = (data: z.ZodType) => ({ ...none, produced: { event: jsonSchema(data, 'output') } });
  return compare(at(before), at(after)).map(({ field, why }) => `${field} ${why}`);
}

/** What callers would suffer from, had a body changed so. */
function consumed(before: z.ZodType, after: z.ZodType): string[] {
  const at = (body: z.ZodType) => ({ ...none, consumed: { body: jsonSchema(body, 'input') } });
  return compare(at(before), at(after)).map(({ field, why }) => `${field} ${why}`);
}

const text = z.string();
const instant = z.iso.datetime();
const nullOr = (schema: z.ZodType) => z.union([z.null(), schema]);

describe('what listeners read', () => {
  it.each([
    ['a field goes', z.object({ a: text, b: text }), z.object({ a: text }), 'b is gone'],
    ['a field that may be missing goes', z.object({ b: text.optional() }), z.object({}), 'b is gone'],
    ['a field may be missing', z.object({ a: text }), z.object({ a: text.optional() }), 'a may be missing now'],
    ['a field may be null', z.object({ a: text }), z.object({ a: text.nullable() }), 'a was string and is null'],
    [
      'an instant may be null',
      z.object({ a: instant }),
      z.object({ a: instant.nullable() }),
      'a was string and is null',
    ],
    [
      'one of two kinds grows',
      z.object({ a: nullOr(text.max(5)) }),
      z.object({ a: text.max(6) }),
      'a maxLength was 5 and is 6',
    ],
    ['a type changes', z.object({ a: text }), z.object({ a: z.int() }), 'a was string and is integer'],
    ['whole numbers become any', z.object({ a: z.int() }), z.object({ a: z.number() }), 'a was integer and is number'],
    ['a value is added', z.object({ a: z.enum(['x']) }), z.object({ a: z.enum(['x', 'y']) }), 'a may be y now'],
    ['named values become any', z.object({ a: z.enum(['x']) }), z.object({ a: text }), 'a takes only x'],
    ['a limit rises', z.object({ a: text.max(5) }), z.object({ a: text.max(6) }), 'a maxLength was 5 and is 6'],
    ['a limit falls', z.object({ a: z.int().min(1) }), z.object({ a: z.int().min(0) }), 'a minimum was 1 and is 0'],
    ['a limit goes', z.object({ a: z.int().min(1) }), z.object({ a: z.int() }), 'a minimum was 1 and is open'],
    ['a format goes', z.object({ a: z.iso.datetime() }), z.object({ a: text }), 'a format was date-time and is open'],
    [
      'something changes further in',
      z.object({ a: z.object({ b: text }).array() }),
      z.object({ a: z.object({}).array() }),
      'a[].b is gone',
    ],
  ])('breaks when %s', (_what, before, after, why) => {
    expect(produced(before, after)).toEqual([why]);
  });

  it.each([
    ['nothing changes', z.object({ a: text.nullable() }), z.object({ a: text.nullable() })],
    ['it is the second of two kinds', z.object({ a: text.max(3).or(text.max(9)) }), z.object({ a: text.max(8) })],
    ['an instant is never null', z.object({ a: instant.nullable() }), z.object({ a: instant })],
    ['a field comes', z.object({ a: text }), z.object({ a: text, b: text })],
    ['a field is always there', z.object({ a: text.optional() }), z.object({ a: text })],
    ['a field is never null', z.object({ a: text.nullable() }), z.object({ a: text })],
    ['a value is not used any more', z.object({ a: z.enum(['x', 'y']) }), z.object({ a: z.enum(['x']) })],
    ['less is used of what was possible', z.object({ a: text.max(5) }), z.object({ a: text.max(4) })],
  ])('holds when %s', (_what, before, after) => {
    expect(produced(before, after)).toEqual([]);
  });

  it('breaks when an event is not announced any more', () => {
    const released = { ...none, produced: { 'tickets: ticket.created': {} } };
    expect(compare(released, none)).toEqual([{ what: 'tickets: ticket.created', field: '', why: 'is gone' }]);
  });
});

describe('what callers send', () => {
  it.each([
    ['a field must be told', z.strictObject({}), z.strictObject({ a: text }), 'a is new and may not be missing'],
    [
      'a field must be told from now on',
      z.strictObject({ a: text.optional() }),
      z.strictObject({ a: text }),
      'a may not be missing any more',
    ],
    ['a field is refused', z.strictObject({ a: text }), z.strictObject({}), 'a is refused now'],
    [
      'null is refused',
      z.strictObject({ a: text.nullable() }),
      z.strictObject({ a: text }),
      'a was null and is string',
    ],
    [
      'a value is refused',
      z.strictObject({ a: z.enum(['x', 'y']) }),
      z.strictObject({ a: z.enum(['x']) }),
      'a does not take y any more',
    ],
    [
      'a limit falls',
      z.strictObject({ a: text.max(5) }),
      z.strictObject({ a: text.max(4) }),
      'a maxLength was 5 and is 4',
    ],
    ['a limit comes', z.strictObject({ a: text }), z.strictObject({ a: text.min(2) }), 'a minLength was open and is 2'],
    ['a type changes', z.strictObject({ a: text }), z.strictObject({ a: z.int() }), 'a was string and is integer'],
  ])('breaks when %s', (_what, before, after, why) => {
    expect(consumed(before, after)).toEqual([why]);
  });

  it.each([
    ['a field may be told', z.strictObject({}), z.strictObject({ a: text.optional() })],
    ['a field has a default', z.strictObject({ a: text }), z.strictObject({ a: text.default('x') })],
    ['a value is taken', z.strictObject({ a: z.enum(['x']) }), z.strictObject({ a: z.enum(['x', 'y']) })],
    ['a limit rises', z.strictObject({ a: text.max(5) }), z.strictObject({ a: text.max(6) })],
  ])('holds when %s', (_what, before, after) => {
    expect(consumed(before, after)).toEqual([]);
  });

  it('holds when a route comes', () => {
    const now = { ...none, consumed: { 'POST /api/refunds body': jsonSchema(z.strictObject({ a: text }), 'input') } };
    expect(compare(none, now)).toEqual([]);
  });

  it('breaks when a route is gone', () => {
    const released = { ...none, consumed: { 'POST /api/orders body': {} } };
    expect(compare(released, none)).toEqual([{ what: 'POST /api/orders body', field: '', why: 'is gone' }]);
  });
});

describe('the contracts of today', () => {
  it('keep what was promised with the last release', async () => {
    const released = Contracts.parse(JSON.parse(await readFile(releasedContracts, 'utf8')));
    const breaks = compare(released, contractsOf(await currentVersion()));
    expect(breaks.filter((it) => !widened.some((one) => isWidened(one, it)))).toEqual([]);
    expect(widened.filter((one) => !breaks.some((it) => isWidened(one, it)))).toEqual([]);
  });
});
