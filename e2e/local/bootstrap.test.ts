import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';

const local = resolve(import.meta.dirname, '../../infra/local');

describe('the bootstrap', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'bootstrap-'));
    await mkdir(join(root, 'infra/local'), { recursive: true });
    await mkdir(join(root, 'bin'));
    for (const file of ['bootstrap.mjs', 'lock.mjs']) {
      await copyFile(join(local, file), join(root, 'infra/local', file));
    }
    await writeFile(join(root, 'package.json'), '{ "type": "module" }');
    await lockFile('1.0.0');
    await npm(goodNpm);
    await script('start', 'console.log("started with", process.argv.slice(2).join(" ")); process.exit(7)');
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  const installed = (version: string) => JSON.stringify({ packages: { 'node_modules/it': { version } } });
  const lockFile = (version: string) => writeFile(join(root, 'package-lock.json'), installed(version));
  const script = (name: string, code: string) => writeFile(join(root, `infra/local/${name}.ts`), code);

  /** An npm that records each call, and installs the Node that runs this test. */
  const goodNpm = `
    echo "$@" >> calls
    rm -rf node_modules
    mkdir -p node_modules/.bin node_modules/it
    echo '{}' > node_modules/it/package.json
    sleep 0.3
    ln -s "${process.execPath}" node_modules/.bin/node`;
  const npm = (code: string) => writeFile(join(root, 'bin/npm'), `#!/bin/sh\n${code}\n`, { mode: 0o755 });
  const calls = async () => (await readFile(join(root, 'calls'), 'utf8')).trim().split('\n').length;

  function bootstrap(args: string[], nodeArgs: string[] = []) {
    const { npm_execpath: _, npm_lifecycle_event: __, NODE_COMPILE_CACHE: ___, ...env } = process.env;
    const child = spawn(process.execPath, [...nodeArgs, join(root, 'infra/local/bootstrap.mjs'), ...args], {
      env: { ...env, PATH: `${join(root, 'bin')}${delimiter}${env.PATH}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, ended, output: () => output };
  }

  it('installs the packages, then becomes the script, exit code and all', async () => {
    const { ended, output } = bootstrap(['start', '--demo', '--fresh']);

    await expect(ended).resolves.toBe(7);
    expect(output()).toContain('Installing 1 packages, once');
    expect(output()).toContain('started with --demo --fresh');
  });

  it('installs them once, and again when package-lock.json has changed', async () => {
    for (const times of [1, 1]) {
      await bootstrap(['start']).ended;
      await expect(calls()).resolves.toBe(times);
    }
    await lockFile('1.0.1');
    await bootstrap(['start']).ended;
    await expect(calls()).resolves.toBe(2);
  });

  it('installs them once when two begin at the same moment', async () => {
    const both = [bootstrap(['start']), bootstrap(['start'])];

    await expect(Promise.all(both.map(({ ended }) => ended))).resolves.toEqual([7, 7]);
    await expect(calls()).resolves.toBe(1);
  });

  it('leaves alone what somebody installed by hand, if it is what package-lock.json says', async () => {
    await mkdir(join(root, 'node_modules/it'), { recursive: true });
    await mkdir(join(root, 'node_modules/.bin'));
    await writeFile(join(root, 'node_modules/.package-lock.json'), installed('1.0.0'));
    await writeFile(join(root, 'node_modules/.bin/node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, {
      mode: 0o755,
    });

    await expect(bootstrap(['start']).ended).resolves.toBe(7);
    await expect(calls()).rejects.toThrow('ENOENT');
  });

  it('says so when npm fails, starts nothing, and tries again the next time', async () => {
    await npm('echo "npm error network" >&2; exit 1');
    const { ended, output } = bootstrap(['start']);

    await expect(ended).resolves.toBe(1);
    expect(output()).toContain('npm error network');
    expect(output()).toContain('npm could not install the packages');
    expect(output()).not.toContain('started');

    await npm(goodNpm);
    await expect(bootstrap(['start']).ended).resolves.toBe(7);
  });

  describe('when npm runs no install scripts, so that the pinned Node is not there', () => {
    const withoutScripts = `
      echo "$@" >> calls
      [ "$1" = rebuild ] || { mkdir -p node_modules/it; echo '{}' > node_modules/it/package.json; exit; }`;
    const pretend = (version: string) => [
      '--import',
      `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"${version}"}})`,
    ];

    it('takes the Node of the machine if that is new enough', async () => {
      await npm(withoutScripts);
      await expect(bootstrap(['start'], pretend('24.0.0')).ended).resolves.toBe(7);
      await expect(calls()).resolves.toBe(1);
    });

    it('runs the one script that puts it there if not', async () => {
      await npm(`${withoutScripts}
        mkdir -p node_modules/.bin; ln -s "${process.execPath}" node_modules/.bin/node`);
      for (const _ of ['the first time', 'and no more after that']) {
        await expect(bootstrap(['start'], pretend('22.19.0')).ended).resolves.toBe(7);
        await expect(readFile(join(root, 'calls'), 'utf8')).resolves.toBe(
          'ci --no-audit --no-fund --loglevel=error\nrebuild node --ignore-scripts=false\n',
        );
      }
    });

    it('names the commands that help if that is of no use either', async () => {
      await npm(withoutScripts);
      const { ended, output } = bootstrap(['start'], pretend('22.19.0'));
      await expect(ended).resolves.toBe(1);
      expect(output()).toContain('Node 24 is needed, this is 22.19.0');
      expect(output()).toContain('npm rebuild node --ignore-scripts=false');
      expect(output()).not.toContain('ENOENT');
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 137],
  ])('reports a script that %s has ended as a shell does, with %i', async (signal, code) => {
    await script('start', `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000)`);
    await expect(bootstrap(['start']).ended).resolves.toBe(code);
  });

  it('says so when Node is too old', async () => {
    const old = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"18.20.4"}})';
    const { ended, output } = bootstrap(['start'], ['--import', old]);

    await expect(ended).resolves.toBe(1);
    expect(output()).toBe('Node 20.19 or newer is needed to begin with, and this is 18.20.4.\n');
  });

  it('names what can be said to it', async () => {
    const { ended, output } = bootstrap(['strat']);

    await expect(ended).resolves.toBe(1);
    expect(output()).toBe(
      'Expected one of start, test, bench, prove, attack, decisions, journey, lab, dead-letters, mails, audit, story, events, streams, logs, traces, secrets:dev, kinds, flux, sbom, verify, new-service.\n',
    );
  });

  it('passes signals on, and waits for the script to finish', async () => {
    const finish = 'setTimeout(() => { console.log("finished"); process.exit(3); }, 100)';
    await script('start', `process.on("SIGTERM", () => ${finish}); setInterval(() => {}, 1000); console.log("up")`);
    const { child, ended, output } = bootstrap(['start']);
    await eventually(() => expect(output()).toContain('up'));

    child.kill('SIGTERM');
    await expect(ended).resolves.toBe(3);
    expect(output()).toContain('finished');
  });

  it('lets the script know when it is killed with -9', async () => {
    await script(
      'start',
      'process.on("disconnect", () => { console.log("alone"); process.exit(); }); console.log("up")',
    );
    const { child, ended, output } = bootstrap(['start']);
    await eventually(() => expect(output()).toContain('up'));

    child.kill('SIGKILL');
    await ended;
    expect(output()).toContain('alone');
  });
});
