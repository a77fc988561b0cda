import { startTelemetry } from '@box-office/common/telemetry/start';
import { z } from 'zod';
import { startSandbox } from './server.ts';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

const Environment = z.object({
  PORT: z.coerce.number().int().default(12111).describe('HTTP port'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  PUBLIC_URL: z.url().optional().describe('Where a browser reaches the sandbox, if not at HOST and PORT'),
  WEBHOOK_URL: list.default([]).describe('Where events go; several with commas between'),
  WEBHOOK_SECRET: list
    .refine((some) => some.length > 0, 'is not set')
    .describe('What they are signed with; two while it is being changed'),
  SECRET_KEY: z.string().min(1).describe('The key of the server side and of the controls'),
  PUBLISHABLE_KEY: z.string().min(1).describe('The key of the browser'),
  DATA_DIR: z.string().optional().describe('Where everything is kept; without it, forgotten at the end'),
});

const settings = Environment.safeParse(process.env);
if (!settings.success) {
  console.error(z.prettifyError(settings.error));
  process.exit(1);
}
const { PORT, HOST, PUBLIC_URL, WEBHOOK_URL, WEBHOOK_SECRET, SECRET_KEY, PUBLISHABLE_KEY, DATA_DIR } = settings.data;

const telemetry = await startTelemetry('stripe');
const sandbox = await startSandbox({
  port: PORT,
  host: HOST,
  publicUrl: PUBLIC_URL,
  webhookUrl: WEBHOOK_URL,
  webhookSecret: WEBHOOK_SECRET,
  secretKey: SECRET_KEY,
  publishableKey: PUBLISHABLE_KEY,
  dataDir: DATA_DIR,
  onFailure(error) {
    // What it holds in memory is ahead of the disk: better to start again from the disk.
    console.error(error);
    process.exit(1);
  },
}).catch((error: Error) => {
  console.error(`The sandbox cannot start at ${HOST}:${PORT}: ${error.message}`);
  process.exit(1);
});
let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    void sandbox
      .stop()
      .then(() => telemetry?.stop())
      .then(() => process.exit(0));
  });
}

console.log(`Stripe sandbox on ${sandbox.url}, events to ${WEBHOOK_URL.join(', ') || 'nobody'}`);
