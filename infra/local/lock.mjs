// Plain JavaScript: bootstrap.mjs imports it, possibly in an old Node that cannot run TypeScript.
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Takes a lock file for the life of this process, unless a living process holds it. A lock whose process is gone is
 * taken over, even if its pid now belongs to another process.
 */
export function tryLock(path, note = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  const write = (more) => {
    writeFileSync(mine, JSON.stringify({ ...more, pid: process.pid, born: birthOf(process.pid) }), { mode: 0o600 });
  };
  write(note);
  try {
    for (let tries = 0; tries < 5; tries++) {
      try {
        linkSync(mine, path);
        return {
          taken: true,
          note: (more) => {
            write(more);
            renameSync(mine, path);
          },
          release: () => rmSync(path, { force: true }),
        };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = holderOf(path) ?? clearStale(path);
      if (holder) return { taken: false, holder };
    }
    throw new Error(`${path} changes owners too fast`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The holder of the lock, with its note; undefined when it is free. */
export function holderOf(path) {
  const text = textOf(path);
  return text === undefined ? undefined : livingHolder(text);
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function livingHolder(text) {
  try {
    const holder = JSON.parse(text);
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes a lock whose process is gone. This takes a second lock: otherwise another process that saw the same stale
 * lock could remove the lock of the process that has taken it since. Returns the holder of the second lock, if it is
 * another process.
 */
function clearStale(path) {
  const takeover = tryLock(`${path}.takeover`);
  if (!takeover.taken) return takeover.holder;
  try {
    const text = textOf(path);
    // A stale lock stays until it is removed here: only the holder of the second lock may.
    if (text !== undefined && !livingHolder(text) && textOf(path) === text) rmSync(path);
  } finally {
    takeover.release();
  }
}

function isAlive({ pid, born }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return birthOf(pid) === born;
}

/** When a process started, in the system's own format; distinguishes it from a later one with the same pid. */
function birthOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    try {
      return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim();
    } catch {
      return undefined;
    }
  }
}
