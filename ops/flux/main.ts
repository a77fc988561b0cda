import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { commandLine } from '@box-office/common/command';
import { execa } from 'execa';
import { dropOldKeys, intoTheCluster, kindSettings, makeKey, nextSigningKeys } from './keys.ts';
import { add, expire, makePreviewSecrets, previewsFolder, remove, render } from './preview.ts';
import { originOf } from './preview-layer.ts';
import { type Ask, makeSecrets, rotateKey } from './secrets.ts';
import { type Audience, audiences, decrypt, encrypt, onPath, Refusal } from './sops.ts';

const root = resolve(import.meta.dirname, '../..');
const vault = onPath(root);

const { words, values } = commandLine({
  name: 'npm run flux',
  does: 'manages the keys, the secrets and the previews of a cluster that Flux deploys',
  words: {
    'keys:age CLUSTER': 'creates the key that secrets in git are encrypted for, once',
    'keys:drop CLUSTER': 'deletes the keys from before the last rotation',
    'keys:sign CLUSTER': 'lets auth sign with the second of its keys',
    'keys:renew CLUSTER': 'afterwards: replaces the key that signed before',
    'secrets:make CLUSTER': 'creates and encrypts the missing secrets',
    'secrets:rotate-key CLUSTER': 'encrypts all secrets for a new key',
    'preview:render': 'builds a pull request and adds it to the previews',
    'preview:add': 'adds a preview that was rendered elsewhere',
    'preview:remove': 'removes a preview',
    'preview:expire': 'removes previews without a push for a week',
  },
  options: {
    pr: { value: 'NUMBER', does: 'the pull request; not for preview:expire' },
    from: { value: 'FOLDER', does: 'the rendered preview to add' },
    out: { value: 'FOLDER', default: join(root, previewsFolder), does: 'where the previews are' },
    domain: { value: 'NAME', default: 'localhost', does: 'the parent domain of the previews' },
  },
});
const [command = '', whom = ''] = words;

const commands: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'keys:age': async () => [await makeKey(vault, audience())],
  'keys:drop': async () => [await dropOldKeys(vault, audience())],
  'keys:sign': () => replaceSigningKeys('sign'),
  'keys:renew': () => replaceSigningKeys('renew'),
  'secrets:make': () => makeSecrets(vault, cluster(), ask),
  async 'secrets:rotate-key'() {
    const files = await rotateKey(vault, audience());
    return [
      ...files.map((file) => `Encrypted anew: ${file}`),
      intoTheCluster(root, audience()),
      `Then commit. When Flux has applied the commit: task keys:drop CLUSTER=${whom}`,
    ];
  },
  async 'preview:render'() {
    const preview = { number: number(), domain: values.domain };
    const { stdout: commit } = await execa('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root });
    const rendered = await render(vault, preview, `pr-${preview.number}-${commit}`);
    await makePreviewSecrets(vault, relative(root, rendered), process.env.REGISTRY_READ_TOKEN);
    await add(rendered, preview.number, values.out, new Date());
    return [`On the branch flux/previews this becomes ${originOf(preview)}`];
  },
  async 'preview:add'() {
    if (!values.from) throw new Refusal('Say what to add: --from FOLDER');
    await add(values.from, number(), values.out, new Date());
    return [];
  },
  async 'preview:remove'() {
    await remove(number(), values.out);
    return [];
  },
  'preview:expire': async () => (await expire(values.out, new Date())).map((it) => `Removed pr-${it}`),
};

function audience(): Audience {
  const found = audiences.find((it) => it === whom);
  if (!found) throw new Refusal(`CLUSTER is one of ${audiences.join(', ')}`);
  return found;
}

function cluster(): 'dev' | 'prod' {
  if (whom !== 'dev' && whom !== 'prod') throw new Refusal('CLUSTER is dev or prod');
  return whom;
}

function number(): number {
  if (!/^[1-9][0-9]{0,9}$/.test(values.pr ?? '')) throw new Refusal('PR is the number of a pull request');
  return Number(values.pr);
}

async function replaceSigningKeys(step: 'sign' | 'renew'): Promise<string[]> {
  const next =
    step === 'sign'
      ? 'One minute after every replica of auth has been replaced: task keys:renew'
      : 'The key that signed before is gone now.';
  if (whom === 'kind') {
    const file = kindSettings(root);
    await writeFile(file, nextSigningKeys(await readFile(file, 'utf8'), step), { mode: 0o600 });
  } else {
    const file = `infra/flux/apps/${cluster()}/auth.env`;
    await encrypt(vault, file, nextSigningKeys(await decrypt(vault, file, cluster()), step));
  }
  return [next];
}

/** From the environment, or typed without an echo. */
const ask: Ask = async (name, what) => {
  if (process.env[name] || !process.stdin.isTTY) return process.env[name] || undefined;
  process.stderr.write(`${name} (${what}): `);
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true });
  const answer = await lines.question('');
  lines.close();
  process.stderr.write('\n');
  return answer.trim() || undefined;
};

try {
  const run = commands[command];
  if (!run) throw new Refusal(`Say one of ${Object.keys(commands).join(', ')}.`);
  for (const line of await run()) console.log(line);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
