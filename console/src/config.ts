import { defineConfig } from '@box-office/common/config';
import { z } from 'zod';

/** A process of the platform, as whoever starts the console names it. */
const KnownProcess = z.object({
  name: z.string(),
  service: z.string().optional(),
  kind: z.enum(['service', 'engine', 'page', 'sandbox', 'console']),
  /** Where its `/healthz/ready` and `/metrics` are, if it has them; else only whether it takes connections is seen. */
  url: z.string(),
  /** Whether the name in the address stands for several: each address that it has is a replica. */
  replicas: z.boolean().optional(),
});
export type KnownProcess = z.infer<typeof KnownProcess>;

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});

/** What the console needs from outside. Whatever is left out is missing from its pages. */
export const loadConfig = defineConfig({
  PORT: z.coerce.number().int().default(8090).describe('HTTP port'),
  HOST: z.string().default('127.0.0.1').describe('The address to listen on'),
  SPANS_PORT: z.coerce
    .number()
    .int()
    .optional()
    .describe('A port on every address for the spans of other machines, which answers nothing else'),
  NATS_URL: z.url().describe('The broker'),
  NATS_SEED: z.string().optional().describe('Of its own user, `console`'),
  NATS_CA: z.string().optional().describe('The file with the authority that vouches for the broker'),
  MONGO_URLS: json
    .pipe(z.record(z.string(), z.string()))
    .prefault('{}')
    .describe('The database of each service, as JSON by its name; they are only read'),
  PROCESSES: json.pipe(z.array(KnownProcess)).prefault('[]').describe('The processes to watch, as JSON'),
  SHOP_URL: z.url().optional().describe('Where people open the shop'),
  MAILBOX_URL: z.url().optional().describe('Where people read what was mailed, without a mail server'),
  SANDBOX_URL: z.url().optional().describe('The sandbox in the place of Stripe'),
  SANDBOX_KEY: z.string().optional().describe('Its secret key'),
  LAB: z.string().optional().describe('The program of the failure lab; without it there is no lab'),
  LAB_STATE: z.string().optional().describe('The state folder of the platform that the lab is made on'),
  LOGS_DIR: z.string().optional().describe('The folder with a file of log lines for each process'),
  DATA_DIR: z.string().optional().describe('The folder for traces; without it they do not survive a restart'),
  PAGES_DIR: z.string().optional().describe('The folder of the built pages; without it they are built first'),
});
export type Config = ReturnType<typeof loadConfig>;
