import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { operatorName } from '@box-office/common/messaging/nats-users';
import { eventually } from '@box-office/common/testing/eventually';
import type { LabCheck, LabStep } from '@box-office/console/api/lab';
import type { Story } from '@box-office/console/api/story';
import type { System } from '@box-office/console/api/system';
import type { ConsumerInfo } from '@nats-io/jetstream';
import { MongoClient } from 'mongodb';
import { type Answer, type Person, type Visitor, visitor } from '../support/visitor.ts';
import { asked } from './asked.ts';
import { consumersOf } from './broker.ts';
import { type Harm, harmTo } from './harm.ts';
import type { LabPlatform } from './platform.ts';
import type { Undoing } from './undoing.ts';

/** What was looked at, and whether it is as it should be. */
export interface Look {
  readonly ok: boolean;
  /** In words, also when it is as it should be. */
  readonly seen: string;
}

/** What a situation is made with: the platform from outside, and everything that can be broken in it. */
export interface Scene extends Harm {
  readonly shop: Visitor;
  /** Says what the lab does. The story of the last order that was named is the one to read. */
  step(text: string, orderId?: string): void;
  /** Looks until it is as it should be, or for `withinMs`, and says what was seen last. */
  check(text: string, look: () => Promise<Look>, withinMs?: number): Promise<void>;
  /**
   * Looks all the time until `until` has ended, and for a while after that, whether it is as it should be throughout.
   * Not once: what is handled wrongly may be handled a moment later, and put right by what comes next.
   */
  checkAllAlong(text: string, look: () => Promise<Look>, until?: Promise<unknown>): Promise<void>;
  /** New people, who know nobody. */
  people(): Promise<{ seller: Person; buyer: Person }>;
  /** Lists a ticket, and resolves once it can be ordered. */
  listed(seller: Person, details?: object): Promise<Ticket>;
  /** Resolves once the order is made, asking again while it is refused. */
  ordered(buyer: Person, ticket: Ticket): Promise<Order>;
  /** Resolves once Stripe has confirmed the payment, asking again while it is refused. */
  paid(buyer: Person, order: Order): Promise<void>;
  readonly console: {
    get<Body>(path: string): Promise<Body>;
    post(path: string): Promise<void>;
  };
  story(orderId: string): Promise<Story>;
  /** Whether the console sees that a process is ready. */
  answers(name: string): Promise<boolean>;
  /** Documents of a service, as they are in its database. */
  // biome-ignore lint/suspicious/noExplicitAny: documents as they lie there
  stored(service: string, collection: string, filter: object): Promise<any[]>;
  /** Writes into a document of a service, past the service. */
  overwrite(service: string, collection: string, id: string, fields: object): Promise<void>;
  /** The broker, as the operator. */
  bus(): Promise<Bus>;
  /** Who listens to a stream, and how far each has got. */
  consumers(stream: string): Promise<ConsumerInfo[]>;
}

/** Including the time after which the broker delivers again what a process had when it died. */
const checkWithinMs = 20_000;
const lookEveryMs = 50;
/** For so long a late effect is waited for. */
const afterwardsMs = 1_000;

export interface SceneOptions {
  readonly platform: LabPlatform;
  readonly undoing: Undoing;
  readonly tell: (line: LabStep | LabCheck) => void;
}

export interface OpenScene extends Scene {
  close(): Promise<void>;
}

const seenBy = (look: () => Promise<Look>): Promise<Look> =>
  look().catch((error: unknown) => ({ ok: false, seen: Error.isError(error) ? error.message : String(error) }));

interface Document {
  _id: string;
}

export function openScene({ platform, undoing, tell }: SceneOptions): OpenScene {
  const shop = visitor(platform.url, platform.stripe.url);
  const mongo = new MongoClient(platform.mongoUrl, { serverSelectionTimeoutMS: 5_000 });
  const collection = (service: string, name: string) => mongo.db(service).collection<Document>(name);
  let connecting: Promise<Bus> | undefined;

  function bus(): Promise<Bus> {
    connecting ??= connectBus(platform.nats.url, operatorName, { seed: platform.nats.seed, asksKeeper: false });
    return connecting;
  }

  /** News may be on their way: what is answered otherwise is asked again. */
  const once = <Body>(status: number, what: string, ask: () => Promise<Answer<unknown>>): Promise<Body> =>
    eventually(async () => {
      const answer = await ask();
      if (answer.status === status) return answer.body as Body;
      throw new Error(`${what} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
    }, checkWithinMs);

  const atConsole = <Body>(path: string, init?: RequestInit) =>
    asked<Body>(new URL(path, platform.consoleUrl), {
      ...init,
      headers: { origin: platform.consoleUrl, 'content-type': 'application/json' },
    });

  const checked = (text: string, { ok, seen }: Look) =>
    tell({ kind: 'check', at: new Date().toISOString(), text, ok, seen });

  return {
    ...harmTo(platform, undoing),
    shop,
    bus,

    step(text, orderId) {
      tell({ kind: 'step', at: new Date().toISOString(), text, ...(orderId ? { orderId } : {}) });
    },

    async check(text, look, withinMs = checkWithinMs) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const seen = await seenBy(look);
        if (seen.ok || Date.now() >= deadline) return checked(text, seen);
        await sleep(lookEveryMs);
      }
    },

    async checkAllAlong(text, look, until) {
      let isOver = false;
      const over = Promise.resolve(until)
        .catch(() => undefined)
        .then(() => sleep(afterwardsMs))
        .finally(() => {
          isOver = true;
        });
      let seen = await seenBy(look);
      while (seen.ok && !isOver) {
        await sleep(lookEveryMs);
        seen = await seenBy(look);
      }
      checked(text, seen);
      await over;
    },

    async people() {
      const [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
      return { seller, buyer };
    },

    async listed(seller, details) {
      const ticket = await shop.sell(seller, details);
      await eventually(async () => {
        if (await collection('orders', 'known-tickets').findOne({ _id: ticket.id })) return;
        throw new Error(`Orders has not heard of the ticket ${ticket.id}.`);
      }, checkWithinMs);
      return ticket;
    },

    ordered: (buyer, { id }) => once<Order>(201, 'Ordering', () => buyer.call('POST', '/api/orders', { ticketId: id })),

    async paid(buyer, order) {
      await once(200, 'Paying', () => shop.pay(buyer, order));
    },

    console: {
      get: atConsole,
      post: (path) => atConsole(path, { method: 'POST', body: '{}' }),
    },

    async answers(name) {
      const { processes } = await atConsole<System>('/api/system');
      return processes.some((it) => it.name === name && it.ready);
    },

    story: (orderId) => atConsole<Story>(`/api/story/${orderId}`),

    stored: (service, name, filter) => collection(service, name).find(filter).toArray(),

    async overwrite(service, name, id, fields) {
      await collection(service, name).updateOne({ _id: id }, { $set: fields });
    },

    consumers: async (stream) => consumersOf(await bus(), stream),

    async close() {
      await mongo.close();
      await (await connecting?.catch(() => undefined))?.close();
    },
  };
}
