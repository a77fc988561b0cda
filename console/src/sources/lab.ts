import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lab, LabCheck, LabLine, LabResult, LabRun, LabStep, Situation } from '../api/lab.ts';
import type { Hub } from '../hub.ts';
import { redactText } from '../redact.ts';
import { away, notThere, Refused } from '../refused.ts';

export interface LabSource {
  readonly isThere: boolean;
  show(): Promise<Lab>;
  /** Begins to make a situation; its lines come while it is made. */
  start(name: string): Promise<void>;
  /** Ends a run, which makes whole what it has broken. */
  stop(): Promise<void>;
}

interface Running extends LabRun {
  readonly lines: (LabStep | LabCheck)[];
  result?: LabResult;
}

/** A situation takes seconds. One that hangs must not keep all others away. */
const longestRunMs = 180_000;
const mostLines = 500;

/**
 * The failure lab: a program that makes what event-driven code gets wrong, on the platform with this state folder, and
 * checks what comes of it.
 */
export function labSource(
  program: string | undefined,
  state: string | undefined,
  { tell }: Pick<Hub, 'tell'>,
): LabSource {
  const runs = new Map<string, Running>();
  let listed: Promise<readonly Situation[]> | undefined;
  let current: Promise<void> | undefined;
  let child: ChildProcess | undefined;

  /** Runs the program to its end. Resolves with what it wrote to its standard error. */
  async function ask(words: readonly string[], take: (line: LabLine) => void): Promise<string> {
    if (!program) throw notThere('There is no lab here.');
    const asked = spawn(process.execPath, [program, ...words, '--json', ...(state ? ['--state', state] : [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestRunMs,
    });
    child = asked;
    let said = '';
    asked.stderr.on('data', (data) => {
      said = `${said}${data}`.slice(-4_000);
    });
    createInterface({ input: asked.stdout }).on('line', (text) => {
      const line = lineIn(text);
      if (line) take(line);
    });
    await once(asked, 'close').catch((error: unknown) => {
      said = String(error);
    });
    if (child === asked) child = undefined;
    return said.trim();
  }

  async function readList(): Promise<readonly Situation[]> {
    const found: Situation[] = [];
    const said = await ask([], (line) => {
      if (line.kind === 'situation') found.push(line);
    });
    if (found.length === 0) throw away(`The lab lists no situations: ${lastLine(said)}`);
    return found;
  }

  function situations(): Promise<readonly Situation[]> {
    listed ??= readList().catch((error: unknown) => {
      listed = undefined;
      throw error;
    });
    return listed;
  }

  async function run(name: string): Promise<void> {
    const startedAt = Date.now();
    const running: Running = { name, at: new Date(startedAt).toISOString(), lines: [] };
    runs.set(name, running);
    tell('lab', { name });
    let result: LabResult | undefined;
    const said = await ask([name], (line) => {
      if (line.kind === 'result') result = line;
      else if (line.kind !== 'situation' && running.lines.length < mostLines) running.lines.push(line);
      tell('lab', { name });
    });
    // It has ended when its program has: until then another one is refused.
    running.result = result ?? {
      kind: 'result',
      name,
      ok: false,
      seconds: Math.round((Date.now() - startedAt) / 100) / 10,
      failed: lastLine(said),
    };
    tell('lab', { name });
  }

  return {
    isThere: program !== undefined,

    async show() {
      return { situations: await situations(), runs: [...runs.values()] };
    },

    async start(name) {
      const known = await situations();
      if (!known.some((it) => it.name === name)) throw notThere(`There is no situation "${name}".`);
      if (current)
        throw new Refused(409, 'busy', 'The lab makes one situation at a time. Wait for the end of this one.');
      current = run(name).finally(() => {
        current = undefined;
      });
    },

    async stop() {
      child?.kill('SIGTERM');
      await current;
    },
  };
}

/** Undefined for what is not a line of the lab's. */
function lineIn(text: string): LabLine | undefined {
  try {
    return JSON.parse(text) as LabLine;
  } catch {
    return undefined;
  }
}

const lastLine = (said: string): string => redactText(said.split('\n').at(-1) || 'it ended before its end.');
