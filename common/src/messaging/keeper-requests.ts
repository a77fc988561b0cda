import { setTimeout as sleep } from 'node:timers/promises';
import { errors, type Msg } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Bus } from './bus.ts';

/**
 * What a service asks the keeper to make, on `keeper.<service>`. NATS lets only that service publish there, so the
 * subject says who asks.
 */
export const KeeperRequest = z.discriminatedUnion('make', [
  z.strictObject({ make: z.literal('stream') }),
  z.strictObject({ make: z.literal('dead letters') }),
  z.strictObject({ make: z.literal('retries') }),
  z.strictObject({
    make: z.literal('consumer'),
    stream: z.string(),
    subjects: z.array(z.string()).min(1).max(100),
    ackWaitMs: z.int().min(1_000),
  }),
]);
export type KeeperRequest = z.infer<typeof KeeperRequest>;

/** The keeper's answer: why it was not made, with JetStream's error code if there is one. */
export const KeeperAnswer = z.object({
  error: z.object({ message: z.string(), code: z.int().optional() }).optional(),
});
export type KeeperAnswer = z.infer<typeof KeeperAnswer>;

export const keeperSubject = (service: string): string => `keeper.${service}`;

/** The keeper could not make what was asked for. `code` is JetStream's, as in its own errors. */
class NotMade extends Error {
  readonly code: number | undefined;
  constructor(message: string, code: number | undefined) {
    super(message);
    this.name = 'NotMade';
    this.code = code;
  }
}

const answerWithinMs = 10_000;
/** When everything starts at the same time, the keeper may come a moment after the services. */
const awaitedForMs = 1_500;

/**
 * Resolves once what the service needs exists.
 *
 * @throws when there is no keeper, or it refuses; the code is that of JetStream's error
 */
export async function askKeeper(bus: Bus, service: string, request: KeeperRequest): Promise<void> {
  const deadline = Date.now() + awaitedForMs;
  const ask = () =>
    bus.connection.request(keeperSubject(service), JSON.stringify(request), { timeout: answerWithinMs });
  const askAgain = async (error: unknown): Promise<Msg> => {
    if (!isNobodyThere(error) || Date.now() > deadline) throw error;
    await sleep(50);
    return ask().catch(askAgain);
  };
  const answer = await ask().catch(askAgain);
  const { error } = KeeperAnswer.parse(answer.json());
  if (error) throw new NotMade(error.message, error.code);
}

const isNobodyThere = (error: unknown): boolean => error instanceof errors.RequestError && error.isNoResponders();
