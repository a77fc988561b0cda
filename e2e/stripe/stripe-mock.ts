import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { whereIs } from '@box-office/local/programs';
import { execa } from 'execa';

/** Each release contains Stripe's OpenAPI description of its time: upgrade it together with stripe-node. */
const version = 'v0.203.0';
const installWithinMs = 180_000;

export interface StripeMock {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stripe's own stand-in, which checks each request against its OpenAPI description and answers with an example. It is
 * stateless.
 *
 * Installed once into `dir` with the Go toolchain. A machine without Go, or without the network at that moment, gets
 * the reason instead.
 */
export async function findStripeMock(
  dir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ path: string } | { why: string }> {
  const path = join(dir, `stripe-mock-${version}`);
  if (await whereIs(`stripe-mock-${version}`, dir)) return { path };
  const go = await whereIs('go', env.PATH ?? '');
  if (!go) return { why: 'there is no Go on PATH to install stripe-mock with' };
  await mkdir(dir, { recursive: true });
  // Built elsewhere and then moved, so that nobody finds a partial file.
  const half = await mkdtemp(join(dir, 'stripe-mock-'));
  try {
    const built = await execa(go, ['install', `github.com/stripe/stripe-mock@${version}`], {
      env: { GOBIN: half, GOTOOLCHAIN: 'local' },
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: installWithinMs,
    });
    if (built.failed) return { why: `Go could not install stripe-mock: ${built.all.trim().split('\n').at(-1)}` };
    await rename(join(half, 'stripe-mock'), path);
    return { path };
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

export async function startStripeMock(path: string): Promise<StripeMock> {
  // Port 0 lets the system choose; an unspecified port would be the default one.
  const running = execa(path, ['-http-addr', '127.0.0.1:', '-https-addr', '127.0.0.1:'], { reject: false, all: true });
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    running.all.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, listensAt] = /HTTP at address: (\S+)\s/.exec(said) ?? [];
      if (listensAt) resolve(listensAt);
    });
    running.all.on('end', () => reject(new Error(`stripe-mock does not start: ${said}`)));
  });
  return {
    url: `http://${address}`,
    async stop() {
      running.kill();
      await running;
    },
  };
}
