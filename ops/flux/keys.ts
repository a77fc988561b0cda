import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { newSigningKey } from '@box-office/local/secrets';
import { execa } from 'execa';
import { readEnvFile } from '../cluster/secrets.ts';
import { type Audience, keyFile, keySecret, publicKey, Refusal, setPublicKey, type Vault } from './sops.ts';

interface Pair {
  readonly identity: string;
  readonly recipient: string;
}

/**
 * Creates the key for an audience's secrets, once: the public half goes into .sops.yaml, the private half into
 * .local/keys.
 *
 * @returns what to do next
 */
export async function makeKey(vault: Vault, audience: Audience): Promise<string> {
  const { root } = vault;
  const file = keyFile(root, audience);
  const known = await publicKey(root, audience);
  const [own] = await pairsIn(vault, file);
  if (known && known !== own?.recipient) {
    throw new Refusal(
      `.sops.yaml names ${known} for ${audience}, and its private half is not in ${relative(root, file)}: get it from its keeper, or start over with task secrets:rotate-key`,
    );
  }
  const pair = own ?? (await newPair(vault));
  if (!own) await writeKeys(file, [pair]);
  if (!known) await setPublicKey(root, audience, pair.recipient);
  return `${own ? 'Kept' : 'Made'} the key of ${audience}. ${intoTheCluster(root, audience)}`;
}

/**
 * Puts a new pair before the one in use, which stays valid until {@link dropOldKeys}. @returns what must be
 * re-encrypted for it
 */
export async function addKey(vault: Vault, audience: Audience): Promise<void> {
  const file = keyFile(vault.root, audience);
  const pairs = await pairsIn(vault, file);
  if (pairs.length === 0) throw new Refusal(`${relative(vault.root, file)} is not there: nothing could be decrypted`);
  const pair = await newPair(vault);
  await writeKeys(file, [pair, ...pairs]);
  await setPublicKey(vault.root, audience, pair.recipient);
}

/** Deletes every private key but the one in use. @throws Refusal when .sops.yaml names another */
export async function dropOldKeys(vault: Vault, audience: Audience): Promise<string> {
  const file = keyFile(vault.root, audience);
  const [inUse, ...old] = await pairsIn(vault, file);
  if (!inUse || inUse.recipient !== (await publicKey(vault.root, audience)))
    throw new Refusal(`${relative(vault.root, file)} does not begin with the key that .sops.yaml names`);
  await writeKeys(file, [inUse]);
  return `Dropped ${old.length} of ${audience}. ${intoTheCluster(vault.root, audience)}`;
}

/** Idempotent: replaces an existing Secret. */
export const intoTheCluster = (root: string, audience: Audience): string =>
  `Keep a copy of ${relative(root, keyFile(root, audience))} where you keep passwords. Into the cluster with it:
  kubectl --namespace flux-system create secret generic ${keySecret(audience)} --from-file=age.agekey=${relative(root, keyFile(root, audience))} --dry-run=client -o yaml | kubectl apply --server-side -f -`;

async function newPair({ ageKeygen }: Vault): Promise<Pair> {
  const { stdout, code } = await execa(ageKeygen, [], { reject: false, stdin: 'ignore' });
  if (code === 'ENOENT') throw new Refusal('age-keygen is not there: task doctor says how to get it');
  return pairIn(stdout);
}

async function pairsIn({ ageKeygen }: Vault, file: string): Promise<Pair[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const identities = text.split('\n').filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (identities.length === 0) return [];
  const { stdout } = await execa(ageKeygen, ['-y', file], { stdin: 'ignore' });
  const recipients = stdout.trim().split('\n');
  return identities.map((identity, index) => ({ identity, recipient: recipients[index] ?? '' }));
}

function pairIn(text: string): Pair {
  const [, recipient] = /^# public key: (\S+)$/m.exec(text) ?? [];
  const [identity] = /^AGE-SECRET-KEY-\S+$/m.exec(text) ?? [];
  if (!(identity && recipient)) throw new Refusal('age-keygen did not say a key');
  return { identity, recipient };
}

async function writeKeys(file: string, pairs: readonly Pair[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = pairs.map(({ identity, recipient }) => `# public key: ${recipient}\n${identity}\n`).join('');
  await writeFile(file, text, { mode: 0o600 });
  // The mode above only applies to a new file.
  await chmod(file, 0o600);
}

/**
 * The next of the two steps that rotate auth's signing keys. `sign` lets the second key sign, which is already
 * published; `renew` replaces the first key, which no longer signs. Between the steps every replica must be replaced
 * and a minute must pass: the lifetime of the tokens that the old key signed.
 */
export function nextSigningKeys(settings: string, step: 'sign' | 'renew'): string {
  const { SIGNING_KEYS = '[]', ...others } = readEnvFile(settings);
  const [first, second, ...more] = JSON.parse(SIGNING_KEYS) as unknown[];
  if (!first || !second || more.length > 0) throw new Refusal('SIGNING_KEYS are not two keys');
  const next = step === 'sign' ? [second, first] : [first, newSigningKey()];
  return Object.entries({ ...others, SIGNING_KEYS: JSON.stringify(next) })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** The unencrypted settings of auth for a development cluster. */
export const kindSettings = (root: string) => join(root, '.local/k8s/dev/auth.env');
