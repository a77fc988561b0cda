import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A full file is renamed to `<name>.log.old`, over the one before it. */
const mostBytes = 4_000_000;
const writeEveryMs = 200;

export interface LogFiles {
  readonly write: (name: string, line: string) => void;
  /** Writes what is left. */
  readonly close: () => void;
}

/** Keeps the last lines of each process in `<name>.log` of a folder: at most two files of 4 MB each. */
export function logFiles(dir: string): LogFiles {
  mkdirSync(dir, { recursive: true });
  const waiting = new Map<string, string[]>();
  const sizes = new Map<string, number>();

  function append(name: string, lines: readonly string[]): void {
    const path = join(dir, `${name}.log`);
    const text = `${lines.join('\n')}\n`;
    const size = sizes.get(name) ?? statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const isFull = size > 0 && size + text.length > mostBytes;
    if (isFull) renameSync(path, `${path}.old`);
    // A log may hold what people typed, so it is for their owner alone.
    appendFileSync(path, text, { mode: 0o600 });
    sizes.set(name, (isFull ? 0 : size) + Buffer.byteLength(text));
  }

  function writeAll(): void {
    for (const [name, lines] of waiting) {
      try {
        append(name, lines);
      } catch {
        // A full disk must not stop the platform; the lines were printed as well.
      }
    }
    waiting.clear();
  }

  const timer = setInterval(writeAll, writeEveryMs);
  timer.unref();
  return {
    write(name, line) {
      const lines = waiting.get(name);
      if (lines) lines.push(line);
      else waiting.set(name, [line]);
    },
    close() {
      clearInterval(timer);
      writeAll();
    },
  };
}
