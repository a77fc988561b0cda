// Plain JavaScript: bootstrap.mjs needs it on a machine where only an old Node is there, which runs no TypeScript.
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Takes a lock file for as long as this process lives, unless a living process holds it.
 * A lock whose process is gone is taken over; a pid that now belongs to another process counts as gone.
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
    throw new Error(`${path} changes hands too fast`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Who holds the lock, with the note it left; undefined when nobody does. */
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
 * Removes a lock whose process is gone. One process at a time may, under a lock of its own: another that saw the same stale lock a moment ago
 * would remove the lock of whoever has taken it meanwhile. Returns who is at it, if somebody else is.
 */
function clearStale(path) {
  const takeover = tryLock(`${path}.takeover`);
  if (!takeover.taken) return takeover.holder;
  try {
    const text = textOf(path);
    // What is still there once its process is known to be gone stays there: nobody else removes it.
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

/** When a process began, in whatever form the system tells; tells a process from a later one with the same pid. */
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
