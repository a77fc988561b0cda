import type { EventContract } from '@box-office/common/contracts/event';
import { subjectsOf } from '@box-office/common/contracts/event';
import { events, listenersTo } from './events.ts';
import { type Json, jsonSchema } from './schema.ts';
import { table } from './table.ts';

/** All events, for people to read: who announces each, who listens to it, and what it contains. */
export function eventsPage(): string {
  const owners = [...new Set(events.map(({ announcedBy }) => announcedBy))];
  return `# Events

Generated from \`common/src/contracts\` and the services' lists of listeners by \`npm run docs\`.

Every event carries the full public snapshot of one aggregate with its \`version\`. The subject names the owner, the aggregate's id (\`*\` here) and what happened.
An event may arrive twice, late or after a later one: a listener keeps the snapshot with the higher version and drops the other.

${table(
  ['event', 'subject', 'announced by', 'listeners', 'what it means'],
  events.map((event) => [
    `\`${event.type}\``,
    `\`${subjectsOf(event)}\``,
    event.announcedBy,
    listenersTo(event).join(', ') || 'none yet',
    event.summary,
  ]),
)}

## What they contain

${owners.map((owner) => payload(events.filter(({ announcedBy }) => announcedBy === owner))).join('\n\n')}
`;
}

/** The events of one service carry the same snapshot. */
function payload(ofOne: readonly EventContract[]): string {
  const kinds = new Map(ofOne.map((event) => [event.data, ofOne.filter(({ data }) => data === event.data)]));
  return [...kinds]
    .map(([data, alike]) => {
      const names = alike.map(({ type }) => `\`${type}\``).join(', ');
      return `### ${names}\n\n${table(['field', 'type', 'meaning'], fields(jsonSchema(data, 'output')))}`;
    })
    .join('\n\n');
}

function fields(schema: Json, before = ''): string[][] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]: [string, Json]) => {
    const optional = required.includes(name) ? '' : ', may be missing';
    const row = [`\`${before}${name}\``, `${typeOf(field)}${optional}`, String(field.description ?? '')];
    return [row, ...fields(field, `${before}${name}.`)];
  });
}

function typeOf(field: Json): string {
  if (Array.isArray(field.anyOf)) return field.anyOf.map((one: Json) => typeOf(one)).join(' or ');
  if (Array.isArray(field.enum)) return oneOf(field.enum);
  if (field.pattern === '^[0-9a-f]{24}$') return 'id';
  if (field.format === 'date-time') return 'instant, ISO 8601';
  if (Array.isArray(field.type)) return field.type.join(' or ');
  return field.type === 'integer' ? 'whole number' : String(field.type);
}

/** A long list is in the generated schemas; here it would hide everything else. */
function oneOf(values: readonly unknown[]): string {
  const shown = values.length > 20 ? values.slice(0, 3) : values;
  const words = shown.map((value) => `\`${value}\``).join(', ');
  return shown.length < values.length ? `${words} … (${values.length} values)` : words;
}
