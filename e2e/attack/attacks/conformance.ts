import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { localDir } from '@box-office/local/engines';
import { EngineMissing, firstFound } from '@box-office/local/find';
import { onPath } from '@box-office/local/programs';
import { fromWheels } from '@box-office/local/venv';
import { execa } from 'execa';
import type { Attack } from '../attack.ts';
import type { Target } from '../target.ts';

const documents = resolve(import.meta.dirname, '../../../docs/openapi');
const folder = resolve(import.meta.dirname, '../schemathesis');
const checks = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  ...['response_headers_conformance', 'response_schema_conformance'],
];
/** They end the session that all others need: Schemathesis learns its id from the list of sessions. */
const signsOut = ['/api/auth/signout', '/api/auth/sessions/{id}'];
/** The budget of Schemathesis, which it keeps only between two phases. */
const seconds = 90;
const withinMs = 270_000;

/** Schemathesis makes requests from the documents of the APIs, valid and invalid ones, and reads the answers. */
export const conformance: Attack = {
  name: 'conformance',
  promise: 'every answer is one that its API documents, whatever was asked, and none is a failure',
  async run(target, { effort }) {
    if (effort === 'short') return { tried: 0, faults: [], skipped: 'it takes minutes: only in the long form' };
    const program = await schemathesis();
    if (program instanceof EngineMissing)
      return { tried: 0, faults: [], skipped: program.message.replaceAll('\n', ' ') };
    const files = (await readdir(documents)).filter((file) => file.endsWith('.json'));
    const reports = await Promise.all(files.map((file) => reportOn(target, program, join(documents, file))));
    return {
      tried: reports.reduce((sum, { tried }) => sum + tried, 0),
      faults: reports.flatMap(({ faults }) => faults),
    };
  },
};

/** On PATH, or from packages that nothing else needs. */
async function schemathesis(): Promise<string | EngineMissing> {
  const program = 'schemathesis';
  const dir = join(localDir, program);
  const print = (line: string) => process.stderr.write(`${line}\n`);
  try {
    const found = await firstFound(
      'Schemathesis',
      [
        onPath(process.env, { program, atLeast: '4.30', versionArgs: ['--version'] }),
        fromWheels(process.env, dir, { program, wheel: program, folder }, print),
      ],
      `put ${program} 4 on PATH`,
    );
    return found.kind === 'program' ? found.path : program;
  } catch (error) {
    if (error instanceof EngineMissing) return error;
    throw error;
  }
}

async function reportOn({ shop }: Target, program: string, document: string) {
  const { token } = await shop.person();
  const dir = await mkdtemp(join(tmpdir(), 'box-office-schemathesis-'));
  try {
    const { all = '', exitCode } = await execa(
      program,
      [
        ...['run', document, '--url', shop.origin, '--header', `Authorization: Bearer ${token}`],
        ...['--checks', checks.join(), '--phases', 'coverage,fuzzing', '--max-examples', '25', '--seed', '2026'],
        ...['--continue-on-failure', '--no-color', '--no-shrink', '--warnings', 'off', '--request-timeout', '20'],
        ...['--generation-database', 'none', '--workers', '2', '--max-time', `${seconds}`],
        ...signsOut.flatMap((path) => ['--exclude-path', path]),
      ],
      { cwd: dir, all: true, reject: false, stdin: 'ignore', timeout: withinMs },
    );
    const tried = Number(/^ {2}(\d+) generated/m.exec(all)?.[1] ?? 0);
    // 1 says that there were failures; anything else that it could not do its work.
    const failed = exitCode === 0 || exitCode === 1 ? [] : [`it ended with ${exitCode}: ${all.slice(-1_000)}`];
    const { status } = await shop.ask('GET', '/api/auth/account', undefined, { Authorization: `Bearer ${token}` });
    if (status !== 200) failed.push('its session has ended, so most of its requests prove nothing');
    return { tried, faults: [...failed, ...failuresIn(all)] };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A paragraph for each failing request, but for those that the gateway refuses before any rule is matched. */
export function failuresIn(output: string): string[] {
  const [, failures = ''] = output.split(/^=+ FAILURES =+$/m);
  const [told = ''] = failures.split(/^=+ SUMMARY =+$/m);
  return told
    .split(/^_{5,} (.+) _{5,}$/m)
    .slice(1)
    .flatMap((text, index, parts) => (index % 2 === 1 ? casesIn(parts[index - 1] ?? '', text) : []));
}

const casesIn = (operation: string, text: string): string[] =>
  text
    .split(/^\d+\. Test Case ID: /m)
    .slice(1)
    .filter((it) => !isGateways(it))
    .map((it) => `${operation}: ${it.replaceAll(/\s+/g, ' ').slice(0, 600)}`);

/** Traefik's own answer to characters that a service could read differently has no body, or two words. */
const isGateways = (text: string): boolean => /^\[400\] Bad Request:\s+(<EMPTY>|`Bad Request`)\s*$/m.test(text);
