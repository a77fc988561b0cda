import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { parseDocument, YAMLMap, YAMLSeq } from 'yaml';

/**
 * Who may decrypt a secret: a cluster, or the previews, which share the dev cluster but must not read its secrets.
 */
export const audiences = ['dev', 'prod', 'previews'] as const;
export type Audience = (typeof audiences)[number];

/** The rule of .sops.yaml for each audience's files, copied exactly. */
const rules: Readonly<Record<Audience, string>> = {
  previews: '^infra/flux/apps/dev/previews/',
  dev: '^infra/flux/(apps|delivery|platform)/dev/',
  prod: '^infra/flux/(apps|delivery|platform)/prod/',
};

/** The Secret with the private key, in the namespace flux-system. */
export const keySecret = (audience: Audience) => (audience === 'previews' ? 'sops-age-previews' : 'sops-age');

/** Its message is meant for people; no stack is needed. */
export class Refusal extends Error {}

/** A repository, and the programs that encrypt its secrets. */
export interface Vault {
  readonly root: string;
  /** sops and age-keygen, by name or path. */
  readonly sops: string;
  readonly ageKeygen: string;
}

export const onPath = (root: string): Vault => ({ root, sops: 'sops', ageKeygen: 'age-keygen' });

/**
 * The private keys of an audience, readable only by their owner. The first is in use; others exist during a rotation.
 */
export const keyFile = (root: string, audience: Audience) => join(root, '.local/keys', `${audience}.agekey`);

/** The public key that .sops.yaml names for an audience, or null. */
export async function publicKey(root: string, audience: Audience): Promise<string | null> {
  const age = (await ruleOf(root, audience)).rule.get('age');
  return typeof age === 'string' && age !== '' ? age : null;
}

export async function setPublicKey(root: string, audience: Audience, key: string): Promise<void> {
  const { document, rule } = await ruleOf(root, audience);
  rule.set('age', key);
  await writeFile(join(root, '.sops.yaml'), document.toString({ lineWidth: 0 }));
}

async function ruleOf(root: string, audience: Audience) {
  const document = parseDocument(await readFile(join(root, '.sops.yaml'), 'utf8'));
  const list = document.get('creation_rules');
  const items = list instanceof YAMLSeq ? list.items : [];
  const rule = items.find((it) => it instanceof YAMLMap && it.get('path_regex') === rules[audience]);
  if (!(rule instanceof YAMLMap)) throw new Refusal(`.sops.yaml has no rule for ${rules[audience]}`);
  return { document, rule };
}

/**
 * Encrypts a text as a file of the repository. The plain text never touches the disk. `as` is its path there when it is
 * written elsewhere.
 */
export async function encrypt(vault: Vault, file: string, text: string, as = file): Promise<void> {
  const { stdout } = await run(vault, ['encrypt', '--filename-override', join(vault.root, as)], text);
  const target = join(vault.root, file);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, `${stdout.trimEnd()}\n`);
}

export async function decrypt(vault: Vault, file: string, audience: Audience): Promise<string> {
  const { stdout } = await run(vault, ['decrypt', join(vault.root, file)], undefined, audience);
  return stdout;
}

/**
 * For the key that .sops.yaml names now, and with a new data key, so that the old keys cannot read any later change.
 */
export async function encryptAnew(vault: Vault, file: string, audience: Audience): Promise<void> {
  await run(vault, ['updatekeys', '--yes', join(vault.root, file)], undefined, audience);
  await run(vault, ['rotate', '--in-place', join(vault.root, file)], undefined, audience);
}

async function run(vault: Vault, args: readonly string[], input?: string, audience?: Audience) {
  const { failed, stdout, stderr, code } = await execa(
    vault.sops,
    ['--config', join(vault.root, '.sops.yaml'), ...args],
    {
      cwd: vault.root,
      env: audience ? { SOPS_AGE_KEY_FILE: keyFile(vault.root, audience) } : {},
      reject: false,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    },
  );
  if (code === 'ENOENT') throw new Refusal('sops is not there: task doctor says how to get it');
  if (failed) throw new Refusal(`sops ${args[0]}: ${stderr.trim()}`);
  return { stdout };
}
