import { runParticipant } from '@box-office/common/process';
import { loadConfig } from './config.ts';
import { createOrders } from './service.ts';

const config = loadConfig(process.env);

await runParticipant('orders', config, (parts) =>
  createOrders({
    ...parts,
    windowMs: config.ORDER_WINDOW_MS,
    sweepEveryMs: config.SWEEP_EVERY_MS,
    limits: { liveOrders: config.MAX_LIVE_ORDERS, unpaidPerDay: config.MAX_UNPAID_PER_DAY },
    waiting: {
      windowMs: config.WAITING_WINDOW_MS,
      everyMs: config.WAITING_EVERY_MS,
      mostLines: config.MAX_WAITING,
    },
  }),
);
