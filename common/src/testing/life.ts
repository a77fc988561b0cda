import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { eventually } from './eventually.ts';

/** A process with `run` in it. What it prints are log lines, and the order in which its parts stop. */
export interface Life {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  readonly port: number;
  readonly exited: Promise<number | null>;
}

const lives: Life[] = [];
export const here = (file: string) => JSON.stringify(pathToFileURL(`${import.meta.dirname}/../${file}`).href);

export async function live(start: string, answerWithinMs = 1_000, drainMs = 0, more: object = {}): Promise<Life> {
  const program = `
    import { run, waitFor } from ${here('lifecycle.ts')};
    import { createLogger } from ${here('telemetry/logger.ts')};
    const logger = createLogger({ name: 'part', level: 'info' });
    const say = (msg) => logger.info(msg);
    const app = (req, res) => {
      if (req.url === '/slow') { say('slow begins'); setTimeout(() => res.end('slow'), 300); }
      else if (req.url === '/never') say('never begins');
      else res.end('here');
    };
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const server = await import('node:http');
    const listen = server.Server.prototype.listen;
    server.Server.prototype.listen = function (...args) {
      this.once('listening', () => say('port ' + this.address().port));
      return listen.apply(this, args);
    };
    // A test run that is killed leaves no process behind.
    process.stdin.on('end', () => process.exit(9)).resume().unref();
    await run({
      name: 'part', port: 0, logger, answerWithinMs: ${answerWithinMs}, drainMs: ${drainMs}, start: ${start},
      ...${JSON.stringify(more)},
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  const exited = once(child, 'close').then(([code]) => code);
  if (child.stdout) createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  const port = await eventually(() => {
    const found = lines.map(({ msg }) => /^port (\d+)$/.exec(String(msg))?.[1]).find(Boolean);
    if (!found) throw new Error('it does not listen yet');
    return Number(found);
  });
  const life = { child, lines, port, exited };
  lives.push(life);
  return life;
}

/** Kills what `live` has started. */
export async function endLives(): Promise<void> {
  for (const { child, exited } of lives.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
}

export const said = ({ lines }: Life) => lines.map(({ msg }) => String(msg)).filter((msg) => !msg.startsWith('port '));
export const hears = (life: Life, message: string) => eventually(() => expect(said(life)).toContain(message));
export const ask = (life: Life, path: string) =>
  fetch(`http://127.0.0.1:${life.port}${path}`, { headers: { connection: 'close' } });
