import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type Manifest, nameOf, readManifests } from './manifests.ts';

/** Secrets are created outside of git or encrypted in it, never written into a manifest. */
export const noReadableSecret = (manifests: readonly Manifest[]): string[] =>
  manifests.flatMap((it) => {
    const { data = {}, stringData = {} } = it as { data?: object; stringData?: object };
    const holds = it.kind === 'Secret' && Object.keys({ ...data, ...stringData }).length > 0;
    return holds && !('sops' in it) ? [`${nameOf(it)} holds its data for everybody to read`] : [];
  });

/** Patterns of secrets, for files of any name. */
const giveaways: Readonly<Record<string, RegExp>> = {
  'an age key': /AGE-SECRET-KEY-1[A-Z0-9]/,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  'a signing key': /"d"\s*:\s*"[\w-]{43}"/,
  'a key of Stripe': /\b(sk|rk)_(live|test)_\w|\bwhsec_\w/,
  'the password of a database': /mongodb(\+srv)?:\/\/[^\s:/@]+:[^\s@]+@/,
};

/** Every secret below a folder that is not encrypted, a sentence each. */
export async function readableSecrets(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8');
      return [...inForm(basename(file), text), ...givenAway(text)].map((what) => `${relative(folder, file)} ${what}`);
    }),
  );
  return found.flat().sort();
}

const givenAway = (text: string): string[] =>
  Object.entries(giveaways).flatMap(([what, sign]) => (sign.test(text) ? [`holds ${what} for everybody to read`] : []));

/** Files of these names must be encrypted. */
function inForm(name: string, text: string): string[] {
  if (name.endsWith('.env')) return plainSettings(text);
  if (name.endsWith('.json') || name.endsWith('.pem')) return plainJson(text);
  if (/\.ya?ml$/.test(name)) return plainManifests(text);
  return [];
}

const isEncrypted = (value: string) => value === '' || value.startsWith('ENC[');
const missingSeal = 'is not encrypted: it has no seal of SOPS';

function plainSettings(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (!lines.some((line) => line.startsWith('sops_mac=ENC['))) return [missingSeal];
  const settings = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return settings
    .filter(([key, value]) => !key.startsWith('sops_') && !isEncrypted(value))
    .map(([key]) => `says ${key} for everybody to read`);
}

function plainJson(text: string): string[] {
  // SOPS writes JSON whatever it encrypts.
  if (!text.startsWith('{')) return [missingSeal];
  const { sops, ...secret } = JSON.parse(text) as { sops?: { mac?: string } };
  if (!sops?.mac?.startsWith('ENC[')) return [missingSeal];
  return leaves(secret).every((leaf) => typeof leaf === 'string' && isEncrypted(leaf))
    ? []
    : ['holds something that is not encrypted'];
}

const leaves = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];

function plainManifests(text: string): string[] {
  const manifests = readManifests(text);
  const literals = manifests.flatMap((it) => (it.kind === 'Kustomization' ? generators(it) : []));
  return [
    ...noReadableSecret(manifests.filter(({ metadata }) => metadata)),
    ...literals
      .filter(({ literals = [] }) => literals.length > 0)
      .map(({ name }) => `generates the Secret ${name} from what everybody can read`),
  ];
}

const generators = (it: { readonly [field: string]: unknown }) =>
  (it.secretGenerator ?? []) as { name: string; literals?: string[] }[];
