import { defineConfig } from '@box-office/common/config';
import { participantSettings } from '@box-office/common/settings';
import { z } from 'zod';

export const loadConfig = defineConfig({
  ...participantSettings,
  ORDER_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(15 * 60 * 1000)
    .describe('How long a ticket is held for a buyer who has not paid, in ms'),
  SWEEP_EVERY_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(5_000)
    .describe('How often to look for orders whose timer was lost, in ms'),
  MAX_LIVE_ORDERS: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(20)
    .describe('How many unpaid orders one person may have at the same time; 0 for any number'),
  WAITING_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(60 * 60 * 1000)
    .describe('How long tickets are held for somebody from a waiting list who has not paid, in ms'),
  WAITING_EVERY_MS: z.coerce
    .number()
    .int()
    .refine((it) => it === 0 || it >= 100, 'must be 0, or 100 or more')
    .default(1_000)
    .describe('How often to look for tickets that have come free for those who wait, in ms; 0 to serve nobody'),
  MAX_WAITING: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('How many waiting lists one person may be in at the same time; 0 for any number'),
  MAX_UNPAID_PER_DAY: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('How often a day (UTC) one person may reserve the same ticket or show without paying; 0 for any number'),
});
