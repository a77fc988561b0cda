import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'box-office-tools-'));
});

afterEach(() => rm(bin, { recursive: true, force: true }));

/** A program that says this, whatever it is asked. */
async function tool(name: string, says: string, exitCode = 0): Promise<void> {
  const file = join(bin, name);
  await writeFile(file, `#!/bin/sh\necho '${says}'\nexit ${exitCode}\n`);
  await chmod(file, 0o755);
}

/** What the doctor says where nothing but these tools is on PATH. */
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

it('names each tool with its version, and is content without those that only some tasks need', async () => {
  await everyTool();
  const { lines } = await doctor();
  expect(lines).toContainEqual(expect.stringMatching(/^✓ kind +0\.30\.0$/));
  expect(lines).toContainEqual(expect.stringMatching(/^✓ kubectl +1\.34\.1$/));
  expect(lines).toContain('– sslyze      is not there (for task tls:scan): pipx install sslyze');
  expect(lines).toContainEqual(expect.stringMatching(/^– flux +is not there \(for deploying by commit\): \S+/));
});

it('says what is missing, too old or silent, each with the line that mends it, and fails', async () => {
  await everyTool();
  await rm(join(bin, 'kind'));
  await tool('skaffold', 'v2.9.0');
  await tool('docker', '', 1);
  const { lines, stderr, exitCode } = await doctor('--missing');
  expect(lines).toContainEqual(expect.stringMatching(/^✗ kind +is not there \(.*\): \S+/));
  expect(lines).toContainEqual(expect.stringMatching(/^✗ skaffold +2\.9\.0 is older than 2\.13 \(.*\): \S+/));
  expect(lines).toContainEqual(expect.stringMatching(/^✗ docker +does not answer: .*\(.*\): \S+/));
  expect(lines.some((line) => line.includes('kubectl'))).toBe(false);
  expect(stderr).toContain('npm start');
  expect(exitCode).toBe(1);
});
