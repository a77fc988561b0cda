import { z } from 'zod';
import type { EventContract } from '../contracts/event.ts';
import { subjectsOf } from '../contracts/event.ts';
import { events, listenersOf } from './event-list.ts';
import { fieldsOf, type JsonSchema, outputSchema, requiredIn, withoutNull } from './json-schema.ts';

/** `docs/events.md`: who announces what, who hears it, and what it carries. */
export function eventsPage(): string {
  return `${[
    '# Events',
    'Made by `npm run docs` from `common/src/contracts` and the `listeners.ts` of every service; a test fails when it is out of date.',
    'Every event carries the full public snapshot of one aggregate with its `version`. The wire format is in [asyncapi.json](asyncapi.json).',
    table(
      ['event', 'announced by', 'heard by', 'what it means'],
      events.map((event) => [code(event.type), event.announcedBy, heardBy(event), event.summary]),
    ),
    ...payloads().flatMap(payload),
  ].join('\n\n')}\n`;
}

/** Events that carry the same are described together. */
function payloads(): [schema: z.ZodType, carriedBy: EventContract[]][] {
  return [...Map.groupBy(events, ({ data }) => data)];
}

function payload([data, carriedBy]: [z.ZodType, EventContract[]]): string[] {
  return [
    `## What ${inWords(carriedBy.map(({ type }) => code(type)))} ${carriedBy.length > 1 ? 'carry' : 'carries'}`,
    `Published as ${inWords(carriedBy.map((event) => code(subjectsOf(event))))}.`,
    table(['field', 'type', 'what it means'], rows(outputSchema(data))),
  ];
}

function rows(schema: JsonSchema, path = ''): string[][] {
  const required = requiredIn(schema);
  return [...fieldsOf(schema)].flatMap(([name, field]) => {
    const inner = withoutNull(field);
    const optional = required.includes(name) ? '' : ', optional';
    return [
      [
        code(`${path}${name}`),
        `${typeInWords(inner.schema)}${inner.nullable ? ' or null' : ''}${optional}`,
        Described.parse(inner.schema).description,
      ],
      ...rows(inner.schema, `${path}${name}.`),
    ];
  });
}

function typeInWords(schema: JsonSchema): string {
  const { type, enum: values, format } = Described.parse(schema);
  if (values) return values.map(code).join(' · ');
  return format ?? type;
}

const Described = z.object({
  type: z.string().default('anything'),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  description: z.string().default(''),
});

function heardBy(event: EventContract): string {
  return listenersOf(event).join(', ') || 'nobody';
}

function table(head: string[], body: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

const code = (text: string) => `\`${text}\``;

function inWords(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join('');
}
