import type { Names } from './names.ts';

const variable = (name: string) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

/** With the same versions as the other services. */
export const manifest = ({ service }: Names, { zod, supertest }: Readonly<Record<string, string>>): string => `{
  "name": "@box-office/${service}",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "license": "MIT",
  "exports": {
    "./*": "./src/*.ts"
  },
  "dependencies": {
    "@box-office/common": "0.1.0",
    "zod": "${zod}"
  },
  "devDependencies": {
    "supertest": "${supertest}"
  }
}
`;

export const contract = ({ service, thing, Thing }: Names): string => `import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Id, Version } from './primitives.ts';

export const ${Thing} = z.object({
  id: Id,
  version: Version,
  title: z.string().describe('The title of its ticket'),
});
export type ${Thing} = z.infer<typeof ${Thing}>;

export const ${Thing}Created = defineEvent({
  type: '${thing}.created',
  announcedBy: '${service}',
  data: ${Thing},
  summary: 'A ticket was listed, and a ${thing} was created for it.',
});

export const ${Thing}Updated = defineEvent({
  type: '${thing}.updated',
  announcedBy: '${service}',
  data: ${Thing},
  summary: 'The ticket of a ${thing} changed, and the ${thing} with it.',
});
`;

/** The sources of a service by their names, whole and as small as they can be. */
export function sources({ service, Service, thing, Thing }: Names): Readonly<Record<string, string>> {
  const many = variable(Service);
  const one = variable(Thing);
  return {
    'main.ts': `import { runParticipant } from '@box-office/common/process';
import { loadConfig } from './config.ts';
import { create${Service} } from './service.ts';

const config = loadConfig(process.env);

await runParticipant('${service}', config, create${Service});
`,
    'config.ts': `import { defineConfig } from '@box-office/common/config';
import { participantSettings } from '@box-office/common/settings';

export const loadConfig = defineConfig(participantSettings);
`,
    'service.ts': `import { type AnnouncingService, announcingService, type ServiceParts } from '@box-office/common/announcing-service';
import { aggregates } from '@box-office/common/store/aggregates';
import { listeners } from './listeners.ts';
import { api } from './routes.ts';
import { current, Stored${Thing}, snapshot } from './${thing}.ts';

/** ${Service}: one ${thing} for each ticket. */
export function create${Service}(parts: ServiceParts): AnnouncingService {
  const { storeOptions, assemble } = announcingService('${service}', parts);
  const ${many} = aggregates({ collection: '${service}', state: Stored${Thing}, snapshot, current }, storeOptions);
  return assemble({
    stores: [${many}],
    listeners: listeners(${many}),
    routes: api({ ${many} }).routes,
  });
}
`,
    [`${thing}.ts`]: `import type { EventContract } from '@box-office/common/contracts/event';
import { Version } from '@box-office/common/contracts/primitives';
import { ${Thing}, ${Thing}Created, ${Thing}Updated } from '@box-office/common/contracts/${service}';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import type { z } from 'zod';

export const Stored${Thing} = ${Thing}.extend({
  ticketVersion: Version.describe('The latest known version of the ticket; older snapshots are ignored'),
});
export type Stored${Thing} = z.infer<typeof Stored${Thing}>;

/** It has the id of its ticket, so there is only one. */
export function begin({ id, title, version: ticketVersion }: Ticket): Change<Stored${Thing}> {
  return changed({ id, version: 0, title, ticketVersion }, ${Thing}Created);
}

export function follow(${one}: Stored${Thing}, ticket: Ticket): Change<Stored${Thing}> {
  if (ticket.version <= ${one}.ticketVersion) return unchanged(${one});
  return changed({ ...${one}, title: ticket.title, ticketVersion: ticket.version }, ${Thing}Updated);
}

export const snapshot = ({ ticketVersion: _, ...facts }: Stored${Thing}): ${Thing} => facts;

export const current = ({ version }: Stored${Thing}): readonly EventContract[] => [
  version === 0 ? ${Thing}Created : ${Thing}Updated,
];
`,
    'routes.ts': `import { ${Thing} } from '@box-office/common/contracts/${service}';
import { type Api, route } from '@box-office/common/http/route';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { type Stored${Thing}, snapshot } from './${thing}.ts';

export interface ${Service}Routes {
  readonly ${many}: Aggregates<Stored${Thing}>;
}

export const api = ({ ${many} }: ${Service}Routes): Api => ({
  name: '${service}',
  summary: 'One ${thing} for each ticket.',
  routes: [
    route('GET /api/${service}/:id', {
      who: 'signedIn',
      summary: 'The ${thing} of a ticket',
      answers: { 200: { description: 'The ${thing}', body: ${Thing} } },
      async handle({ params }) {
        return { status: 200, body: snapshot(await ${many}.get(params.id)) };
      },
    }),
  ],
});
`,
    'listeners.ts': `import { eventsWith } from '@box-office/common/contracts/event';
import * as tickets from '@box-office/common/contracts/tickets';
import { type Listener, on } from '@box-office/common/messaging/listener';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { begin, follow, type Stored${Thing} } from './${thing}.ts';

export function listeners(${many}: Aggregates<Stored${Thing}>): Listener[] {
  const followTicket = async ({ data: ticket }: { data: tickets.Ticket }) => {
    try {
      await ${many}.add(begin(ticket));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await ${many}.change(ticket.id, (it) => follow(it, ticket));
    }
  };
  return eventsWith(tickets.Ticket, tickets).map((contract) => on(contract, followTicket));
}
`,
  };
}

const ticket = `{
  id: '0123456789abcdef01234567',
  version: 0,
  title: 'Opera',
  price: 1500,
  currency: 'eur',
  venue: null,
  startsAt: null,
  userId: 'seller',
  orderId: null,
  state: 'on-sale',
}`;

/** Their tests: the decisions, and the whole service with a real database and JetStream. */
export function tests({ service, Service, thing, Thing }: Names): Readonly<Record<string, string>> {
  const one = variable(Thing);
  return {
    [`${thing}.test.ts`]: `import type { Ticket } from '@box-office/common/contracts/tickets';
import { begin, follow, snapshot } from './${thing}.ts';

const ticket: Ticket = ${ticket};

describe('a ${thing}', () => {
  it('begins with its ticket', () => {
    expect(snapshot(begin(ticket).next)).toEqual({ id: ticket.id, version: 0, title: 'Opera' });
  });

  it('follows its ticket, and no old news of it', () => {
    const ${one} = begin({ ...ticket, version: 2 }).next;
    expect(follow(${one}, { ...ticket, version: 3, title: 'Ballet' }).next.title).toBe('Ballet');
    expect(follow(${one}, { ...ticket, version: 1, title: 'Ballet' }).changed).toBe(false);
  });
});
`,
    [`${service}.test.ts`]: `import type { AnnouncingService } from '@box-office/common/announcing-service';
import { ${Thing}Created } from '@box-office/common/contracts/${service}';
import { type Ticket, TicketCreated, TicketUpdated } from '@box-office/common/contracts/tickets';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { type TestParts, testParts } from '@box-office/common/testing/parts';
import request from 'supertest';
import { create${Service} } from './service.ts';

const ticket: Ticket = ${ticket};

let parts: TestParts;
let service: AnnouncingService;

beforeAll(async () => {
  parts = await testParts();
  service = create${Service}(parts);
  await service.start();
});

afterAll(async () => {
  await service.stop();
  await parts.end();
});

const show = () => request(service.app).get(\`/api/${service}/\${ticket.id}\`).set({ Authorization: 'Bearer somebody' });

it('makes a ${thing} for a ticket, announces it, and follows the ticket', async () => {
  await announce(parts.bus, TicketCreated, ticket);
  await eventually(() => show().expect(200, { id: ticket.id, title: 'Opera', version: 0 }));
  await eventually(async () => expect(await announced(parts.bus, ${Thing}Created)).toHaveLength(1));

  await announce(parts.bus, TicketUpdated, { ...ticket, version: 1, title: 'Ballet' });
  await eventually(() => show().expect(200, { id: ticket.id, title: 'Ballet', version: 1 }));
});

it('makes none without a ticket', async () => {
  await request(service.app).get('/api/${service}/ffffffffffffffffffffffff').set({ Authorization: 'Bearer it' }).expect(404);
});
`,
  };
}
