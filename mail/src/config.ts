import { defineConfig } from '@box-office/common/config';
import { addressSetting, participantSettings } from '@box-office/common/settings';
import { z } from 'zod';

export const loadConfig = defineConfig({
  ...participantSettings,
  SMTP_URL: addressSetting
    .refine((url) => /^smtps?:/.test(url), 'must begin with smtp:// or smtps://')
    .optional()
    .describe(
      'The mail server, with user and password, which are sent over TLS alone; without it mails are kept in a ' +
        'mailbox page of this service',
    ),
  MAIL_FROM: z
    .string()
    .regex(/^[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>$/, 'must be such as Box Office <tickets@example.com>')
    .default('Box Office <tickets@localhost>')
    .describe('The sender of all mails'),
  PUBLIC_ORIGIN: z
    .url({ protocol: /^https?$/, message: 'must begin with http:// or https://' })
    .transform((url) => new URL(url).origin)
    .describe('Where people open the shop, such as https://tickets.example; links in mails begin with it'),
  MAILS_AT_ONCE: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(5)
    .describe('How many mails one process sends at the same time, each over a connection of its own'),
  MAIL_PAUSE_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(30_000)
    .describe(
      'How long a mail that could not be sent waits before the second try, in ms; twice as long each time after',
    ),
  MAIL_LEASE_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(180_000)
    .describe('How long one process may take to send a mail before another one sends it, in ms'),
});

export type Config = ReturnType<typeof loadConfig>;
