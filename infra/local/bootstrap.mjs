// Every npm script starts here: installs the packages if needed, then hands over to the pinned Node among them. Plain
// JavaScript without dependencies: it runs before anything is installed, on whatever Node the machine has.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryLock } from './lock.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-from');
const scripts = {
  start: 'infra/local/start.ts',
  test: 'e2e/run/main.ts',
  bench: 'e2e/bench/main.ts',
  prove: 'e2e/prove/main.ts',
  attack: 'e2e/attack/main.ts',
  decisions: 'e2e/decisions/main.ts',
  journey: 'e2e/journey/main.ts',
  lab: 'e2e/lab/main.ts',
  'dead-letters': 'ops/dead-letters/main.ts',
  mails: 'ops/mails/main.ts',
  audit: 'ops/audit/main.ts',
  story: 'console/src/commands/story.ts',
  events: 'console/src/commands/events.ts',
  streams: 'console/src/commands/streams.ts',
  logs: 'console/src/commands/logs.ts',
  traces: 'console/src/commands/traces.ts',
  'secrets:dev': 'ops/cluster/dev-secrets.ts',
  kinds: 'ops/cluster/kinds.ts',
  flux: 'ops/flux/main.ts',
  sbom: 'ops/sbom/main.ts',
  verify: 'e2e/verify/main.ts',
  'new-service': 'new-service/main.ts',
};
const oldestNode = [20, 19];
/** The oldest Node that runs the scripts themselves, not only this one. */
const oldestForScripts = [24, 0];
/** Put there by an install script of the package `node`, which npm skips under `ignore-scripts`. */
const pinnedNode = join(modules, '.bin/node');
const placePinnedNode = ['rebuild', 'node', '--ignore-scripts=false'];

const [command, ...args] = process.argv.slice(2);
const print = (line) => process.stderr.write(`${line}\n`);

function isAtLeast([wantedMajor, wantedMinor]) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function checkNode() {
  if (isAtLeast(oldestNode)) return;
  throw new Error(
    `Node ${oldestNode.join('.')} or newer is needed to begin with, and this is ${process.versions.node}.`,
  );
}

/** Installs the packages unless they match package-lock.json. One process at a time. */
async function install() {
  const lockFile = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lockFile).digest('hex');
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  const isDone = () => isInstalled() && hasNode();
  let waiting = false;
  while (!isDone()) {
    const lock = tryLock(join(root, '.local/install.lock'));
    if (!lock.taken) {
      if (!waiting) print(`Process ${lock.holder.pid} is installing the packages; waiting for it`);
      waiting = true;
      await sleep(300);
      continue;
    }
    try {
      if (isDone()) return;
      if (!isInstalled() && !isInstalledByHand(lockFile)) await npmCi(packagesFor(lockFile));
      writeFileSync(stamp, wanted);
      if (!hasNode()) await placeNode();
    } finally {
      lock.release();
    }
  }
}

/** The Node that runs the scripts: the pinned one, or else this one if it is new enough. */
function hasNode() {
  return existsSync(pinnedNode) || isAtLeast(oldestForScripts);
}

async function placeNode() {
  print('npm ran no install scripts (ignore-scripts), so the package node lacks its program; running that one script');
  if ((await npm(placePinnedNode)) === 0 && hasNode()) return;
  throw new Error(
    `Node ${oldestForScripts[0]} is needed, this is ${process.versions.node}, and the one of the package node could not be put in place. ` +
      `Either put a newer Node on PATH or run: npm ${placePinnedNode.join(' ')}`,
  );
}

/** Whether npm's record of its last installation has everything in the lock file. */
function isInstalledByHand(lockFile) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(JSON.parse(lockFile).packages)
    .filter(([path, { optional, peer }]) => path.includes('node_modules/') && !optional && !peer)
    .every(([path, { version }]) => installed[path]?.version === version && existsSync(join(root, path)));
}

/** Where the packages for this platform are installed. */
function packagesFor(lockFile) {
  const suits = (list, own) => list === undefined || list.includes(own);
  return Object.entries(JSON.parse(lockFile).packages)
    .filter(
      ([path, { os, cpu }]) =>
        path.includes('node_modules/') && suits(os, process.platform) && suits(cpu, process.arch),
    )
    .map(([path]) => path);
}

function npmCi(packages) {
  const countThere = () => packages.filter((path) => existsSync(join(root, path, 'package.json'))).length;
  print(`Installing ${packages.length} packages, once (a minute or so)`);
  let last = 0;
  const progress = setInterval(() => {
    const now = countThere();
    if (now !== last) print(`Installing packages: ${now} of ${packages.length}`);
    last = now;
  }, 2_000);
  return npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    .then((code) => {
      if (code !== 0)
        throw new Error('npm could not install the packages (its message is above). Once that is fixed: npm ci');
    })
    .finally(() => clearInterval(progress));
}

/** Resolves with npm's exit code. */
function npm(args) {
  return new Promise((done, fail) => {
    // The npm that runs this script, if one does: `npm` need not be on PATH.
    const { npm_execpath: own } = process.env;
    const [program, before] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
    const child = spawn(program, [...before, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => fail(new Error(`npm cannot be run (${error.message}); it comes with Node.`)));
    child.once('exit', (code) => done(code));
  });
}

/** Runs the script in our place: it gets our signals, we exit with its code, and it ends when we are gone. */
function handOver() {
  const node = existsSync(pinnedNode) ? pinnedNode : process.execPath;
  // Cached compiled code halves the start of every command, and of the Node programs that it starts.
  const NODE_COMPILE_CACHE = join(process.env.LOCAL_DIR ?? join(root, '.local'), 'compiled');
  // The channel closes when this process ends, even by kill -9.
  const child = spawn(node, [join(root, scripts[command]), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { NODE_COMPILE_CACHE, ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  watchNpm();
  return new Promise((done, fail) => {
    child.once('error', (error) =>
      fail(new Error(`${node} cannot be run: ${error.message}. What helps: npm ${placePinnedNode.join(' ')}`)),
    );
    // As a shell reports it: 130 after SIGINT, 143 after SIGTERM.
    child.once('exit', (code, signal) => done(signal ? 128 + constants.signals[signal] : code));
  });
}

/** npm may be killed too; its child should not outlive it. */
function watchNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) process.exit(1);
  }, 500).unref();
}

try {
  if (!(command in scripts)) throw new Error(`Expected one of ${Object.keys(scripts).join(', ')}.`);
  checkNode();
  await install();
  process.exitCode = await handOver();
} catch (error) {
  print(error.message);
  process.exitCode = 1;
}
