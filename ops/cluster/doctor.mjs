// Lists the tools that a cluster needs, which are installed, and the command that installs a missing one. Plain
// JavaScript without dependencies, because it runs when nothing else works yet.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

const isMac = process.platform === 'darwin';
/** Most Macs and some Linux machines have Homebrew. */
const get = (brew, page) => (isMac ? `brew install ${brew}` : `see ${page}`);

/** `wake` is the command for a tool that is installed but does not answer. */
/**
 * @type {{ name: string, asks: string[], least?: string, purpose: string, mend: string, wake?: string, needed: boolean
 * }[]}
 */
export const tools = [
  {
    name: 'node',
    asks: ['--version'],
    least: '20.19',
    purpose: 'everything',
    mend: get('node', 'https://nodejs.org/en/download'),
    needed: true,
  },
  {
    name: 'docker',
    asks: ['version', '--format', '{{.Server.Version}}'],
    least: '20.10',
    purpose: 'images, and kind runs in it',
    mend: isMac
      ? 'brew install --cask docker, then open it'
      : 'see https://docs.docker.com/engine/install, then: sudo systemctl start docker',
    wake: isMac ? 'open -a Docker' : 'sudo systemctl start docker',
    needed: true,
  },
  {
    name: 'kind',
    asks: ['version'],
    least: '0.24',
    purpose: 'the cluster on this machine',
    mend: get('kind', 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation'),
    needed: true,
  },
  {
    name: 'kubectl',
    asks: ['version', '--client'],
    least: '1.30',
    purpose: 'to speak with it',
    mend: get('kubectl', 'https://kubernetes.io/docs/tasks/tools'),
    needed: true,
  },
  {
    name: 'skaffold',
    asks: ['version'],
    least: '2.13',
    purpose: 'task and task debug',
    mend: get('skaffold', 'https://skaffold.dev/docs/install'),
    needed: true,
  },
  {
    name: 'mkcert',
    asks: ['--version'],
    purpose: 'task tls:dev',
    mend: get('mkcert', 'https://github.com/FiloSottile/mkcert#installation'),
    needed: false,
  },
  {
    name: 'openssl',
    asks: ['version'],
    purpose: 'task tls:*',
    mend: get('openssl', 'https://openssl-library.org/source'),
    needed: false,
  },
  {
    name: 'sslyze',
    asks: ['--help'],
    purpose: 'task tls:scan',
    mend: 'pipx install sslyze',
    needed: false,
  },
  {
    name: 'flux',
    asks: ['--version'],
    least: '2.4',
    purpose: 'deploying by commit',
    mend: get('fluxcd/tap/flux', 'https://fluxcd.io/flux/installation'),
    needed: false,
  },
  {
    name: 'sops',
    asks: ['--version', '--disable-version-check'],
    least: '3.10',
    purpose: 'secrets in git',
    mend: get('sops', 'https://github.com/getsops/sops/releases'),
    needed: false,
  },
  {
    name: 'age-keygen',
    asks: ['--version'],
    purpose: 'secrets in git',
    mend: get('age', 'https://github.com/FiloSottile/age#installation'),
    needed: false,
  },
  {
    name: 'doctl',
    asks: ['version'],
    least: '1.110',
    purpose: 'DigitalOcean',
    mend: get('doctl', 'https://docs.digitalocean.com/reference/doctl/how-to/install'),
    needed: false,
  },
];

/** Images, volumes and Docker's build cache. */
const leastDiskGb = 10;
const ports = [80, 443];

async function look({ name, asks, least, mend, wake }) {
  const command = [name, ...asks].join(' ');
  try {
    const { stdout, stderr } = await run(name, asks, { timeout: 10_000 });
    const version = /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0];
    // A tool built by hand may not know its version; it is probably new enough.
    if (!version)
      return { found: least ? `there; "${command}" names no version, ${least} or newer is needed` : 'there' };
    return least && isOlder(version, least)
      ? { wrong: `${version} is older than ${least}`, mend: mend.replace('brew install', 'brew upgrade') }
      : { found: version };
  } catch (error) {
    if (error.code === 'ENOENT') return { wrong: 'is not there' };
    return {
      wrong: `is there and does not answer: ${firstLine(error.stderr || error.message)}`,
      mend: wake ?? `see what is wrong with: ${command}`,
    };
  }
}

const firstLine = (text) => text.trim().split('\n')[0];

/** Numerically: 3.10 is newer than 3.9. */
export function isOlder(version, least) {
  const [own, wanted] = [version, least].map((it) => it.split('.').map(Number));
  for (const [index, part] of wanted.entries()) {
    if ((own[index] ?? 0) !== part) return (own[index] ?? 0) < part;
  }
  return false;
}

/** The ports of this machine that kind's node already uses, rightly. */
async function portsOfCluster() {
  const { stdout } = await run('docker', ['ps', '--format', '{{.Names}} {{.Ports}}']).catch(() => ({ stdout: '' }));
  const [own = ''] = /^box-office-control-plane .*$/m.exec(stdout) ?? [];
  return ports.filter((port) => new RegExp(`:${port}->${port}/tcp`).test(own));
}

/** Where the CRDs of stage 1 come from: the cache, GitHub, or Go modules. */
async function lookForKinds() {
  const row = {
    name: 'kinds',
    purpose: 'stage 1 of the cluster',
    mend: 'a network, or Go with a module proxy',
    needed: true,
  };
  const kustomization = await readFile(join(root, 'infra/k8s-setup/1-crds/kustomization.yaml'), 'utf8');
  const urls = kustomization.match(/https:\S+/g) ?? [];
  const kept = (url) => join(root, '.local/remote', createHash('sha256').update(url).digest('hex'));
  const missing = [];
  for (const url of urls) await access(kept(url)).catch(() => missing.push(url));
  if (missing.length === 0) return { ...row, found: 'kept in .local/remote' };
  const [first] = missing;
  const answer = await fetch(first, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (answer?.ok) return { ...row, found: 'GitHub has them' };
  const go = await run('go', ['version'], { timeout: 10_000 }).catch(() => undefined);
  if (go) return { ...row, found: 'GitHub does not answer; Go fetches them as modules' };
  return { ...row, wrong: 'are unavailable: GitHub does not answer, and Go is not there' };
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    // Lacking the right to open a port below 1024 does not mean that it is taken, and Docker has the right.
    server.once('error', ({ code }) => resolve(code !== 'EADDRINUSE'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** All checks; those with a fault have `wrong`. */
export async function examine() {
  const found = await Promise.all(tools.map(async (tool) => ({ ...tool, ...(await look(tool)) })));
  const { bavail, bsize } = await statfs('.');
  const diskGb = Math.floor((bavail * bsize) / 1e9);
  const disk = {
    name: 'disk',
    purpose: 'images and volumes',
    mend: 'docker system prune',
    needed: true,
    ...(diskGb < leastDiskGb
      ? { wrong: `${diskGb} GB are free, ${leastDiskGb} are needed` }
      : { found: `${diskGb} GB free` }),
  };
  const ours = await portsOfCluster();
  const doors = await Promise.all(
    ports.map(async (port) => ({
      name: `port ${port}`,
      purpose: 'the shop at http://localhost',
      mend: `end what listens there: ${isMac ? 'sudo lsof -iTCP' : 'sudo ss -ltnp | grep'} :${port}`,
      needed: true,
      ...(ours.includes(port)
        ? { found: 'the cluster’s' }
        : (await isFree(port))
          ? { found: 'free' }
          : { wrong: 'is taken' }),
    })),
  );
  return [...found, disk, ...doors, await lookForKinds()];
}

async function main() {
  const { values } = parseArgs({ options: { missing: { type: 'boolean', default: false } } });
  const all = await examine();
  const missing = all.filter(({ wrong, needed }) => wrong && needed);
  const width = Math.max(...all.map(({ name }) => name.length));
  for (const { name, found, wrong, needed, purpose, mend } of values.missing ? missing : all) {
    const mark = found ? '✓' : needed ? '✗' : '–';
    console.log(`${mark} ${name.padEnd(width)}  ${found ?? `${wrong} (for ${purpose}): ${mend}`}`);
  }
  if (missing.length > 0) {
    console.error('Without a cluster everything runs as well: npm start');
    process.exitCode = 1;
  }
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) await main();
