import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** What happened, one JSON line each, in order. */
export interface Journal {
  append(line: unknown): void;
  /** Resolves once every line appended so far is on the disk; rejects, for ever, once writing has failed. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps everything in memory only: for tests. */
export function memoryJournal(): Journal {
  return { append: () => {}, flushed: async () => {}, close: async () => {} };
}

/**
 * Opens the journal of a directory and hands each line in it to `replay`.
 *
 * Lines that arrive while a write is under way share the next one, so the fsync costs the same for one request as for a
 * hundred. A line cut short by a crash was never confirmed and is removed; a complete but unreadable line is damage,
 * and prevents the start.
 */
export async function openJournal(
  directory: string,
  replay: (line: unknown) => void,
  onFailure: (error: unknown) => void = () => {},
): Promise<Journal> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'journal.jsonl');
  const handle = await open(file, 'a');
  try {
    const whole = await replayLines(file, replay);
    if (whole < (await handle.stat()).size) await truncate(file, whole);
    await syncDirectory(directory);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return writer(handle, onFailure);
}

async function replayLines(file: string, replay: (line: unknown) => void): Promise<number> {
  let whole = 0;
  let number = 0;
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.from(chunk);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      const line = Buffer.concat([...rest, bytes.subarray(start, end)]);
      rest = [];
      number += 1;
      try {
        replay(JSON.parse(line.toString()));
      } catch (cause) {
        throw new Error(`Line ${number} of ${file} is damaged`, { cause });
      }
      whole += line.length + 1;
      start = end + 1;
    }
    if (start < bytes.length) rest.push(bytes.subarray(start));
  }
  return whole;
}

/** A new file survives a power cut only once its directory is on the disk too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function writer(handle: FileHandle, onFailure: (error: unknown) => void): Journal {
  let waiting: string[] = [];
  let latest: Promise<void> = Promise.resolve();
  let scheduled = false;

  async function write(): Promise<void> {
    scheduled = false;
    const lines = waiting;
    waiting = [];
    await handle.appendFile(lines.join(''));
    await handle.datasync();
  }

  return {
    append(line) {
      waiting.push(`${JSON.stringify(line)}\n`);
      if (scheduled) return;
      scheduled = true;
      latest = latest.then(write);
      latest.catch(onFailure);
    },
    flushed: () => latest,
    async close() {
      await latest.catch(() => {});
      await handle.close();
    },
  };
}
