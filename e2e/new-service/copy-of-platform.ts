import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { localDir } from '@box-office/local/engines';
import { execa } from 'execa';
import { type Visitor, visitor } from '../support/visitor.ts';

export interface Copy {
  /** Runs a program of the copy, or one of its packages. @returns all that it said, and whether it ended well */
  run(...args: readonly string[]): Promise<{ readonly said: string; readonly exitCode: number | undefined }>;
  /** Runs code that may import from the copy, and reads the JSON that it prints in one line. */
  evaluate<Result>(code: string): Promise<Result>;
  /** Opens the shop of the copy while somebody is in it. */
  opened(visit: (shop: Visitor) => Promise<void>): Promise<void>;
}

/** What can be done with a copy of the repository that lies in `dir`. The engines are those of the original. */
export function copyIn(dir: string): Copy {
  const env = { LOCAL_DIR: localDir, TEST_ENGINES: undefined, NODE_OPTIONS: undefined, JEST_WORKER_ID: undefined };
  const start = (args: readonly string[], input?: string) =>
    execa(process.execPath, args, {
      cwd: dir,
      env,
      all: true,
      reject: false,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    });
  return {
    async run(...args) {
      const { all, exitCode } = await start(args);
      return { said: all, exitCode };
    },

    async evaluate(code) {
      const { stdout, all, exitCode } = await start(['--input-type=module'], code);
      if (exitCode !== 0) throw new Error(all);
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    },

    async opened(visit) {
      const running = execa(process.execPath, ['--input-type=module', '--eval', openShop(dir)], {
        cwd: dir,
        env,
        reject: false,
        stderr: 'inherit',
      });
      const lines = createInterface({ input: running.stdout });
      const ended = running.then(() => {
        throw new Error('the platform of the copy ended');
      });
      ended.catch(() => undefined);
      try {
        const [line] = await Promise.race([once(lines, 'line'), ended]);
        const { url, stripeUrl } = JSON.parse(line);
        await visit(visitor(url, stripeUrl));
      } finally {
        running.stdin.end();
        await running;
      }
    },
  };
}

/** Ends when nobody speaks to it any more. */
const openShop = (dir: string) => `
  import { startPlatform } from './infra/local/platform.ts';
  const platform = await startPlatform({ dir: ${JSON.stringify(join(dir, '.state'))}, client: false });
  console.log(JSON.stringify({ url: platform.url, stripeUrl: platform.addresses.stripe }));
  process.stdin.resume();
  process.stdin.once('end', () => platform.stop());
`;
