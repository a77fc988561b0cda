// Says which tools a cluster needs, which of them are there, and the line that gets what is missing.
// Plain JavaScript without dependencies, for it is what one runs when nothing works yet.
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);

const isMac = process.platform === 'darwin';
/** Homebrew is there on most Macs and on some Linux machines. */
const get = (brew, page) => (isMac ? `brew install ${brew}` : `see ${page}`);

/** @type {{ name: string, asks: string[], least?: string, purpose: string, mend: string, needed: boolean }[]} */
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

/** Images, volumes and what Docker keeps of earlier builds. */
const leastDiskGb = 10;
const ports = [80, 443];

async function look({ name, asks, least }) {
  try {
    const { stdout, stderr } = await run(name, asks, { timeout: 10_000 });
    const version = /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0];
    if (!version) return least ? { wrong: 'does not say its version' } : { found: 'there' };
    return least && isOlder(version, least) ? { wrong: `${version} is older than ${least}` } : { found: version };
  } catch (error) {
    if (error.code === 'ENOENT') return { wrong: 'is not there' };
    return { wrong: `does not answer: ${firstLine(error.stderr || error.message)}` };
  }
}

const firstLine = (text) => text.trim().split('\n')[0];

/** By numbers: 3.10 is newer than 3.9. */
export function isOlder(version, least) {
  const [own, wanted] = [version, least].map((it) => it.split('.').map(Number));
  for (const [index, part] of wanted.entries()) {
    if ((own[index] ?? 0) !== part) return (own[index] ?? 0) < part;
  }
  return false;
}

/** Whether kind's node has this machine's ports already: then they are taken by the right one. */
async function clusterHasPorts() {
  const { stdout } = await run('docker', ['ps', '--format', '{{.Names}} {{.Ports}}']).catch(() => ({ stdout: '' }));
  return /^box-office-control-plane .*:80->80/m.test(stdout);
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    // Not being allowed to open a port below 1024 says nothing about who has it, and Docker may.
    server.once('error', ({ code }) => resolve(code !== 'EADDRINUSE'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Everything that was looked at: `wrong` where it is not as it should be. */
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
  const ours = await clusterHasPorts();
  const doors = await Promise.all(
    ports.map(async (port) => ({
      name: `port ${port}`,
      purpose: 'the shop at http://localhost',
      mend: `end what listens there: ${isMac ? 'sudo lsof -iTCP' : 'sudo ss -ltnp | grep'} :${port}`,
      needed: true,
      ...(ours || (await isFree(port)) ? { found: ours ? 'the cluster’s' : 'free' } : { wrong: 'is taken' }),
    })),
  );
  return [...found, disk, ...doors];
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
