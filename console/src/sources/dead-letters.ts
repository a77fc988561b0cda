import {
  deadLetter,
  deadLetters,
  discard,
  type Numbered,
  payloadOf,
  retry,
  typeOf,
} from '@box-office/common/messaging/dead-letters';
import type { DeadLetter } from '../api/dead-letters.ts';
import type { Page } from '../api/page.ts';
import type { Hub } from '../hub.ts';
import { type Asked, pageOf } from '../paging.ts';
import { redact, redactText } from '../redact.ts';
import { notThere, Refused } from '../refused.ts';
import type { Broker } from './broker.ts';
import { orderIdIn, parsed, redactedHeaders, traceIdIn } from './message.ts';

interface LetterFilter extends Asked {
  readonly service?: string | undefined;
  readonly type?: string | undefined;
  readonly q?: string | undefined;
}

export interface DeadLetters {
  list(filter: LetterFilter): Promise<Page<DeadLetter>>;
  one(number: number): Promise<DeadLetter>;
  /** Those about an order or one of its tickets, oldest first. */
  about(ids: readonly string[]): Promise<DeadLetter[]>;
  /** Those of one message, oldest first. */
  of(stream: string, seq: number): Promise<Pick<DeadLetter, 'number' | 'service'>[]>;
  retry(number: number): Promise<void>;
  discard(number: number): Promise<void>;
}

/** The newest so many are looked at. */
const mostLetters = 1_000;

export function deadLetterSource(broker: Broker, { tell }: Pick<Hub, 'tell'>): DeadLetters {
  async function newest(service?: string, type?: string): Promise<Numbered[]> {
    const found: Numbered[] = [];
    for await (const it of deadLetters(broker.bus(), { service, type })) {
      found.push(it);
      if (found.length > 2 * mostLetters) found.splice(0, mostLetters);
    }
    return found.slice(-mostLetters).reverse();
  }

  async function existing(number: number): Promise<Numbered> {
    const found = await deadLetter(broker.bus(), number);
    if (!found) throw notThere(`There is no dead letter ${number}: it never was, or has been retried or discarded.`);
    return found;
  }

  return {
    async list(filter) {
      const letters = (await newest(filter.service, filter.type)).map(shown);
      const wanted = filter.q?.toLowerCase();
      const matching = wanted ? letters.filter((it) => JSON.stringify(it).toLowerCase().includes(wanted)) : letters;
      return pageOf(matching, filter, ({ number }) => `${number}`);
    },

    async one(number) {
      const found = await existing(number);
      if (found.letter.omittedBytes === 0) return shown(found);
      const payload = await payloadOf(broker.bus(), found.letter).catch(() => undefined);
      return { ...shown(found), ...(payload ? dataOf(Buffer.from(payload)) : {}) };
    },

    async about(ids) {
      const letters = (await newest()).filter(({ letter }) => {
        const text = `${letter.subject} ${Buffer.from(letter.payload, 'base64').toString()}`;
        return ids.some((id) => text.includes(id));
      });
      return letters.map(shown).reverse();
    },

    async of(stream, seq) {
      const letters = (await newest()).filter(({ letter }) => letter.stream === stream && letter.sequence === seq);
      return letters.map(({ number, letter: { service } }) => ({ number, service })).reverse();
    },

    async retry(number) {
      const found = await existing(number);
      await retry(broker.bus(), found).catch((error: unknown) => {
        throw new Refused(409, 'not-retried', `It is still there: ${Error.isError(error) ? error.message : error}.`);
      });
      tell('dead-letter-gone', { number });
    },

    async discard(number) {
      const { number: there } = await existing(number);
      await discard(broker.bus(), there);
      tell('dead-letter-gone', { number });
    },
  };
}

function shown({ number, letter }: Numbered): DeadLetter {
  const { service, stream, sequence, subject, reason, stack, deliveries, retries, time, payload, omittedBytes } =
    letter;
  const text = Buffer.from(payload, 'base64').toString();
  const [announcer = '', id] = subject.split('.');
  const orderId = ['orders', 'payments', 'expiration'].includes(announcer) ? id : orderIdIn(text);
  const traceId = traceIdIn(letter.headers.traceparent?.[0]);
  return {
    number,
    service,
    stream,
    seq: sequence,
    subject,
    type: typeOf(letter),
    reason: redactText(reason),
    stack: redactText(stack),
    deliveries,
    retries,
    at: time,
    ...(traceId ? { traceId } : {}),
    ...(orderId ? { orderId } : {}),
    headers: redactedHeaders(letter.headers),
    ...(omittedBytes === 0 ? dataOf(Buffer.from(payload, 'base64')) : {}),
  };
}

const dataOf = (payload: Buffer): { data: unknown } => ({ data: redact(parsed(payload.toString())) });
