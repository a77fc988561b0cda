import type { Situation } from './situation.ts';
import { brokerAway } from './situations/broker-away.ts';
import { consumerReset } from './situations/consumer-reset.ts';
import { databaseHangs } from './situations/database-hangs.ts';
import { oldVersionLate } from './situations/old-version-late.ts';
import { paymentsKilled } from './situations/payments-killed.ts';
import { poisonMessage } from './situations/poison-message.ts';
import { twoBuyers } from './situations/two-buyers.ts';
import { webhookLost } from './situations/webhook-lost.ts';
import { webhookReordered } from './situations/webhook-reordered.ts';
import { webhookTwice } from './situations/webhook-twice.ts';

/** In the order in which `npm run lab` lists them. */
export const situations: readonly Situation[] = [
  webhookLost,
  webhookTwice,
  webhookReordered,
  paymentsKilled,
  brokerAway,
  consumerReset,
  oldVersionLate,
  twoBuyers,
  poisonMessage,
  databaseHangs,
];
