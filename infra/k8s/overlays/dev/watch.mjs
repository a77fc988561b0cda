// Runs `node ARGUMENT...`, and restarts it whenever a source below one of the folders changes: node watch.mjs FOLDER...
// -- ARGUMENT... Watches folders rather than files: Skaffold replaces files, which `node --watch-path` notices only
// once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

const split = process.argv.indexOf('--');
const folders = process.argv.slice(2, split);
const args = process.argv.slice(split + 1);

/** Files that are saved together count as one change. */
const quietMs = 50;
/** A process at a breakpoint does not react to a signal to stop. */
const stopWithinMs = 5_000;

let running = start();
let watchers = watchAll();
let timer;
let isOver = false;

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    isOver = true;
    if (!running) return;
    const [code] = await stop();
    process.exit(code ?? 0);
  });
}

function start() {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const exited = once(child, 'exit').then((how) => {
    if (child === running?.child) console.log(`node ${args.join(' ')} has ended; it begins again with the next change`);
    return how;
  });
  return { child, exited };
}

/** @returns how it ended: its exit code, or the signal that ended it */
async function stop() {
  const { child, exited } = running;
  running = undefined;
  child.kill();
  const patience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  const how = await exited;
  clearTimeout(patience);
  return how;
}

function watchAll() {
  const all = folders.flatMap((folder) => [
    folder,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((it) => it.isDirectory())
      .map((it) => join(it.parentPath, it.name)),
  ]);
  return all.map((folder) => watch(folder, (_event, file) => !file?.endsWith('.test.ts') && changed()));
}

function changed() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    // A change while it is stopping needs no other restart: the next start reads it.
    if (!running) return;
    await stop();
    if (isOver) process.exit();
    const former = watchers;
    // There may be new folders.
    watchers = watchAll();
    for (const it of former) it.close();
    running = start();
  }, quietMs);
}
