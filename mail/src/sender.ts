import type { Order } from '@box-office/common/contracts/orders';
import { within } from '@box-office/common/deadline';
import { repeat } from '@box-office/common/repeat';
import { aboutOrder, inTrace } from '@box-office/common/telemetry/span';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { render } from './letters/render.ts';
import type { Claimed, Mails, QueuedMail } from './mails.ts';
import { messageIdOf } from './message-id.ts';
import type { Delivery, Outlet } from './outlet.ts';
import { giveUpAfterMs, pauseAfter } from './pauses.ts';
import type { Addressee, People } from './people.ts';

export interface SenderParts {
  readonly mails: Pick<Mails, 'claim' | 'isOvertaken'>;
  readonly people: Pick<People, 'find'>;
  readonly outlet: Outlet;
  /** Where people open the shop. */
  readonly origin: string;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** How many mails are sent at the same time. */
  readonly atOnce: number;
  /** The first pause before a mail is tried again, in ms. */
  readonly firstPauseMs: number;
  /** How often it looks for mails that are due, in ms. */
  readonly everyMs: number;
}

export interface Sender {
  /** Looks for mails now. */
  wake(): void;
  /** Takes no more mails, and waits for those on their way. */
  stop(): Promise<void>;
}

/**
 * Sends the mails that are due, a few at a time, in any number of processes.
 *
 * Each mail is claimed with a lease first, so one process sends it. If that process dies after the server has taken the
 * mail and before it noted that, the mail is sent again when the lease ends, under the same Message-ID: SMTP has no way
 * to ask whether a mail was taken.
 */
export function startSender(parts: SenderParts): Sender {
  const { mails, people, outlet, origin, now, logger, metrics, atOnce, firstPauseMs, everyMs } = parts;
  const tried = new Counter({
    name: 'mails_total',
    help: 'How sending mails went: sent, refused, failed (to be tried again), or why it was not sent',
    labelNames: ['result'],
    registers: [metrics],
  });
  const onTheirWay = new Set<Promise<void>>();

  async function send(claimed: Claimed): Promise<void> {
    const { id, mail } = claimed;
    if (!mail) {
      logger.error({ mail: id, err: claimed.fault }, 'a stored mail cannot be read and is not sent');
      return end('unreadable', claimed.unsent('unreadable'));
    }
    if (mail.until && mail.until <= now()) return end('too-late', claimed.unsent('too-late'));
    if (await mails.isOvertaken(mail)) return end('overtaken', claimed.unsent('overtaken'));
    const addressee = await addresseeOf(mail);
    if (addressee === 'forgotten') return end('forgotten', claimed.unsent('forgotten'));
    if (!addressee) return later(claimed, mail, 'the address is not known yet', mail.personId);
    await note(claimed, mail, await outlet.deliver(messageOf(mail, addressee)));
  }

  async function addresseeOf({ to, personId }: QueuedMail): Promise<Addressee | 'forgotten' | null> {
    return to ?? people.find(personId);
  }

  function messageOf(mail: QueuedMail, addressee: Addressee) {
    return {
      ...render(mail.letter, addressee, origin),
      messageId: messageIdOf(mail.id, origin),
      to: { address: addressee.email, name: addressee.name ?? '' },
      date: mail.at,
    };
  }

  async function note(claimed: Claimed, mail: QueuedMail, delivery: Delivery): Promise<void> {
    if (delivery.result === 'taken') return end('sent', claimed.sent());
    if (delivery.result === 'failed') return later(claimed, mail, delivery.reason, undefined, delivery.isServerAway);
    const { result: _, ...refusal } = delivery;
    logger.warn({ mail: mail.id, ...refusal }, 'a mail was refused');
    await end('refused', claimed.refused(refusal));
  }

  async function later(claimed: Claimed, mail: QueuedMail, reason: string, waitsFor?: string, isServerAway = false) {
    if (now().getTime() - mail.at.getTime() > giveUpAfterMs) {
      logger.warn({ mail: mail.id, reason }, 'a mail was given up');
      return end('refused', claimed.refused({ reason }));
    }
    const isUrgent = mail.letter.kind === 'link';
    const pauseMs = pauseAfter(mail.tries, { firstPauseMs, isServerAway, isUrgent });
    logger.info({ mail: mail.id, reason, tries: mail.tries, pauseMs }, 'a mail will be tried again');
    await end('failed', claimed.later(new Date(now().getTime() + pauseMs), waitsFor));
  }

  async function end(result: string, noted: Promise<boolean>): Promise<void> {
    tried.inc({ result });
    if (!(await noted)) logger.warn({ result }, 'another process has taken over a mail meanwhile');
  }

  function start(claimed: Claimed): void {
    const order = orderOf(claimed);
    const sending = inTrace('send a mail', order?.traceparent, () => {
      aboutOrder(order?.id);
      return send(claimed);
    })
      .catch((error: unknown) => logger.warn({ err: error, mail: claimed.id }, 'a mail waits until its lease ends'))
      .finally(() => {
        onTheirWay.delete(sending);
        looking.wake();
      });
    onTheirWay.add(sending);
  }

  const looking = repeat({ name: 'sending of mails', everyMs, logger, atOnce: true }, async () => {
    const free = atOnce - onTheirWay.size;
    if (free <= 0) return;
    for (const claimed of await mails.claim(free)) start(claimed);
  });

  return {
    wake: looking.wake,
    async stop() {
      await looking.stop();
      await within(stopWithinMs, Promise.all(onTheirWay));
    },
  };
}

function orderOf({ mail }: Claimed): Order | undefined {
  return mail && 'order' in mail.letter ? mail.letter.order : undefined;
}

/** What is still on its way then is sent again when its lease ends. */
const stopWithinMs = 5_000;
