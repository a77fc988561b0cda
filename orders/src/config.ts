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
});
