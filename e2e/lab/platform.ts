import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotRun } from '@box-office/common/command';
import { operatorName } from '@box-office/common/messaging/nats-users';
import { holderOf } from '@box-office/local/lock.mjs';
import { logFiles } from '@box-office/local/log-files';
import { startPlatform } from '@box-office/local/platform';
import { freePort } from '@box-office/local/ports';
import { localSecrets } from '@box-office/local/secrets';
import { z } from 'zod';

/** The platform that situations are made on. All of it is on this machine. */
export interface LabPlatform {
  /** The gateway's address. */
  readonly url: string;
  readonly stripe: { readonly url: string; readonly secretKey: string };
  readonly mongoUrl: string;
  /** NATS, for the operator, who may do everything. */
  readonly nats: { readonly url: string; readonly seed: string | undefined };
  readonly consoleUrl: string;
  /** Its processes by name, as they run now. */
  pids(): Readonly<Record<string, number>>;
  /** Whether somebody can read in its console when the lab is over. */
  readonly stays: boolean;
  end(): Promise<void>;
}

const Note = z.object({
  pid: z.number(),
  url: z.string(),
  natsUrl: z.string(),
  mongoUrl: z.string(),
  stripeUrl: z.string().optional(),
  consoleUrl: z.string().optional(),
  pids: z.record(z.string(), z.number()).default({}),
});

/**
 * The `npm start` that keeps its state in this folder; undefined when none does.
 *
 * @throws CannotRun when it is only being started, or lacks what the lab needs
 */
export async function runningPlatform(state: string): Promise<LabPlatform | undefined> {
  const holder = holderOf(`${state}.lock`);
  if (!holder) return undefined;
  const { data: note } = Note.safeParse(holder);
  if (!note) throw new CannotRun(`The platform of process ${holder.pid} is only being started. Try again in a moment.`);
  if (!note.stripeUrl)
    throw new CannotRun('The platform that runs here uses the real Stripe, where nothing is broken on purpose.');
  if (!note.consoleUrl)
    throw new CannotRun('The platform that runs here has no console, which the lab reads. Start it with one.');
  const { stripeSecretKey, natsSeeds } = await localSecrets(join(state, 'secrets.json'));
  return {
    url: note.url,
    stripe: { url: note.stripeUrl, secretKey: stripeSecretKey },
    mongoUrl: note.mongoUrl,
    nats: { url: note.natsUrl, seed: natsSeeds[operatorName] },
    consoleUrl: note.consoleUrl,
    pids: () => Note.safeParse(holderOf(`${state}.lock`)).data?.pids ?? {},
    stays: true,
    end: async () => undefined,
  };
}

/**
 * Starts a platform for the lab alone, as `npm start` would, without the shop's pages and those of the console. If no
 * folder is given, its state is in one that is removed when this process ends.
 */
export async function ownPlatform(dir = temporaryFolder()): Promise<LabPlatform> {
  const [pages, logsDir] = [join(dir, 'pages'), join(dir, 'logs')];
  await mkdir(pages, { recursive: true });
  await writeFile(join(pages, 'index.html'), 'This console has no pages.');
  const files = logFiles(logsDir);
  const platform = await startPlatform({
    dir,
    client: false,
    keepAlive: true,
    console: { port: await freePort(), logsDir },
    env: { console: { PAGES_DIR: pages }, payments: { RECONCILE_EVERY_MS: '1000' } },
    logs: files.write,
  });
  const { mongo = '', nats = '', console = '' } = platform.addresses;
  const { natsSeeds } = await localSecrets(join(dir, 'secrets.json'));
  return {
    url: platform.url,
    stripe: { url: platform.stripe.url ?? '', secretKey: platform.stripe.secretKey },
    mongoUrl: mongo,
    nats: { url: nats, seed: natsSeeds[operatorName] },
    consoleUrl: console,
    pids: platform.pids,
    stays: false,
    async end() {
      await platform.stop();
      files.close();
    },
  };
}

function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'box-office-lab-'));
  // Also when the lab is ended by a signal. Its processes end by themselves then.
  process.once('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}
