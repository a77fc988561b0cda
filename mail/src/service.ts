import type { RequestListener } from 'node:http';
import type { ServiceParts } from '@box-office/common/announcing-service';
import { Order } from '@box-office/common/contracts/orders';
import { countdown, within } from '@box-office/common/deadline';
import { createApp } from '@box-office/common/http/app';
import { type Listening, listen } from '@box-office/common/messaging/listener';
import type { Service } from '@box-office/common/service';
import { copies } from '@box-office/common/store/copies';
import { isStoreAway, storeReady } from '@box-office/common/store/mongo';
import { askedGauge } from '@box-office/common/telemetry/asked-gauge';
import { listeners } from './listeners.ts';
import { withMailbox } from './mailbox/app.ts';
import { createMailbox } from './mailbox/mailbox.ts';
import { mailStore } from './mails.ts';
import { createMoves } from './moves.ts';
import { addressBook } from './people.ts';
import { api } from './routes.ts';
import { type Sender, startSender } from './sender.ts';
import { smtp } from './smtp.ts';

export interface MailSettings {
  /** Without it mails go into the mailbox. */
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM: string;
  readonly PUBLIC_ORIGIN: string;
  readonly MAILS_AT_ONCE: number;
  readonly MAIL_PAUSE_MS: number;
  readonly MAIL_LEASE_MS: number;
  /** See `MailsOptions`. */
  readonly patienceMs?: number;
}

/** How often each process looks for mails that another one has stored, or that are to be tried again, in ms. */
const everyMs = 1_000;

/** Mail: tells people by mail what happened, once each. It announces nothing. */
export function createMail(parts: ServiceParts, settings: MailSettings): Service {
  const { bus, connection, identity, logger, metrics, now, newId, stream, writesPerMinute } = parts;
  const { SMTP_URL: url, MAIL_FROM: from, PUBLIC_ORIGIN: origin, MAIL_LEASE_MS: leaseMs } = settings;
  const mails = mailStore({ connection, now, newId, leaseMs, patienceMs: settings.patienceMs });
  askedGauge({
    name: 'mails_due_oldest_age_seconds',
    help: 'How long ago the mail was due that has waited longest to be sent; 0 if none waits',
    metrics,
    async ask() {
      const since = await mails.dueSince();
      return [{ value: since ? (now().getTime() - since.getTime()) / 1_000 : 0 }];
    },
  });
  const people = addressBook(connection);
  const orders = copies(
    { collection: 'known-orders', data: Order, indexes: [{ showId: 1, _id: 1 }] },
    { connection, logger, metrics },
  );
  let sender: Sender | undefined;
  const wake = () => sender?.wake();
  async function add(...[fact, at]: Parameters<typeof mails.add>): Promise<boolean> {
    const isNew = await mails.add(fact, at);
    if (isNew) wake();
    return isNew;
  }
  const moves = createMoves({ connection, toldPlace: mails.toldPlace, add, now, logger, metrics, everyMs });
  const mailbox = url === undefined ? createMailbox({ connection, from, now, newId }) : undefined;
  const outlet = mailbox ?? smtp({ url: url ?? '', from, withinMs: leaseMs / 2 });

  let listening: Listening | undefined;
  let telling: { stop(): Promise<void> } | undefined;
  const waitingFor = () => listening?.waitingFor() ?? ['NATS and the database'];
  const routes = api({ mails }).routes;
  const app = createApp({
    ...{ name: 'mail', logger, metrics, identity, writesPerMinute, routes },
    readiness: waitingFor,
  });
  return {
    app: withOptionalMailbox(app),
    waitingFor,
    async start() {
      for (const store of [mails, orders, moves, ...(mailbox ? [mailbox] : [])]) await store.prepare();
      if (mailbox) logger.warn('no mail server is set (SMTP_URL): mails are kept in the mailbox page and not sent');
      sender = startSender({
        ...{ mails, people, outlet, origin, now, logger, metrics, everyMs },
        atOnce: settings.MAILS_AT_ONCE,
        firstPauseMs: settings.MAIL_PAUSE_MS,
      });
      telling = moves.start();
      listening = listen({
        ...{ bus, service: 'mail', stream, logger, metrics, now, isStoreAway },
        listeners: listeners({ mails: { ...mails, add }, people, orders, moves, now, wake }),
        storeReady: (signal) => storeReady(connection, signal),
      });
    },
    async stop(withinMs = 8_000) {
      const left = countdown(withinMs);
      await within(withinMs / 8, telling?.stop());
      await within(left() / 2, listening?.stop());
      await within(left(), sender?.stop());
    },
  };

  function withOptionalMailbox(own: RequestListener): RequestListener {
    return mailbox ? withMailbox(own, mailbox, logger) : own;
  }
}
