import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'box-office-tools-'));
});

afterEach(() => rm(bin, { recursive: true, force: true }));

/** A program that always prints this. */
async function tool(name: string, says: string, exitCode = 0): Promise<void> {
  const file = join(bin, name);
  await writeFile(file, `#!/bin/sh\necho '${says}'\nexit ${exitCode}\n`);
  await chmod(file, 0o755);
}

/** The doctor's output when only these tools are on PATH. */
async function doctor(...args: string[]) {
  const program = join(import.meta.dirname, 'doctor.mjs');
  const env = { PATH: bin };
  const { stdout, stderr, exitCode } = await execa(process.execPath, [program, ...args], {
    env,
    extendEnv: false,
    reject: false,
  });
  return { lines: stdout.split('\n'), stderr, exitCode };
}

async function everyTool(): Promise<void> {
  await tool('node', 'v24.21.0');
  await tool('docker', '28.5.1');
  await tool('kind', 'kind v0.30.0 go1.24.6 linux/amd64');
  await tool('kubectl', 'Client Version: v1.34.1');
  await tool('skaffold', 'v2.24.0');
}

it('names each tool with its version, and accepts the lack of those that only some tasks need', async () => {
  await everyTool();
  const { lines } = await doctor();
  expect(lines).toContainEqual(expect.stringMatching(/^✓ kind +0\.30\.0$/));
  expect(lines).toContainEqual(expect.stringMatching(/^✓ kubectl +1\.34\.1$/));
  expect(lines).toContain('– sslyze      is not there (for task tls:scan): pipx install sslyze');
  expect(lines).toContainEqual(expect.stringMatching(/^– flux +is not there \(for deploying by commit\): \S+/));
});

it('says what is missing, too old or not answering, each with the command that fixes it, and fails', async () => {
  await everyTool();
  await rm(join(bin, 'kind'));
  await tool('skaffold', 'v2.9.0');
  await tool('docker', '', 1);
  const { lines, stderr, exitCode } = await doctor('--missing');
  expect(lines).toContainEqual(expect.stringMatching(/^✗ kind +is not there \(.*\): \S+/));
  expect(lines).toContainEqual(expect.stringMatching(/^✗ skaffold +2\.9\.0 is older than 2\.13 \(.*\): \S+/));
  expect(lines).toContainEqual(expect.stringMatching(/^✗ docker +is there and does not answer: .*\(.*\): \S+/));
  expect(lines.some((line) => line.includes('kubectl'))).toBe(false);
  expect(stderr).toContain('npm start');
  expect(exitCode).toBe(1);
});

it('suggests no installation of a tool that is installed', async () => {
  await everyTool();
  await tool('skaffold', '');
  await tool('kind', 'something is wrong', 1);
  await tool('docker', '', 1);
  const { lines } = await doctor();
  expect(lines).toContainEqual(
    expect.stringMatching(/^✓ skaffold +there; "skaffold version" names no version, 2\.13 or newer is needed$/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^✗ kind +is there and does not answer: .*: see what is wrong with: kind version$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^✗ docker .*(sudo systemctl start docker|open -a Docker)$/));
  expect(lines.filter((line) => /^✗ (docker|kind) .*https:/.test(line))).toEqual([]);
});

it.each([
  ['127.0.0.1:80->80/tcp, 127.0.0.1:443->443/tcp', ['80', '443']],
  ['127.0.0.1:80->80/tcp, 127.0.0.1:41000->6443/tcp', ['80']],
  ['127.0.0.1:8443->443/tcp', []],
])('recognizes the cluster’s own ports: %s', async (ports, own) => {
  await everyTool();
  await tool('docker', `box-office-control-plane ${ports}`);
  const { lines } = await doctor();
  const found = lines.flatMap((line) => /^✓ port (\d+) +the cluster’s$/.exec(line)?.[1] ?? []);
  expect(found).toEqual(own);
});

it('says where the kinds of stage 1 come from', async () => {
  await everyTool();
  const { lines } = await doctor();
  expect(lines).toContainEqual(expect.stringMatching(/^[✓✗] kinds +(kept in|GitHub|are unavailable)/));
});
