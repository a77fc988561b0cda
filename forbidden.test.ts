import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from './services.ts';

const root = import.meta.dirname;

/** The files of what is deployed, without tests and what only they use. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  .filter((file) => [...serviceNames, 'common', 'client'].some((it) => file.startsWith(`${it}/src/`)))
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|-under-test\.ts$|\/testing\//.test(file));
const sources = files.map((file) => {
  // Comments may speak of anything.
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return { file, text };
});

/** Every match with its file, but for those that are allowed there. */
function found(pattern: RegExp, allowed: Readonly<Record<string, string>> = {}): string[] {
  return sources
    .flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([match]) => `${file}: ${match}`))
    .filter((it) => allowed[it] === undefined);
}

describe('what is deployed', () => {
  it('is what is looked at', () => {
    expect(files.length).toBeGreaterThan(200);
    for (const name of [...serviceNames, 'common', 'client']) expect(files.join()).toContain(`${name}/src/`);
    expect(found(/\bcreateHash\(/g)).not.toEqual([]);
  });

  it('runs no other program', () => {
    expect(found(/child_process|worker_threads|'execa'|process\.binding/g)).toEqual([]);
  });

  it('runs no text as code', () => {
    expect(found(/\beval\(|\bnew Function\b|\bFunction\(|node:vm|setTimeout\(\s*['"`]|javascript:/g)).toEqual([]);
  });

  it('makes no pattern from text', () => {
    expect(
      found(/\bRegExp\(|\$regex|\$where|\$function|\$accumulator/g, {
        'common/src/messaging/keeper.ts: RegExp(': 'the text is that of our own subjects',
      }),
    ).toEqual([]);
  });

  it('puts no markup into a page but through React', () => {
    expect(found(/dangerouslySetInnerHTML|\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write/g)).toEqual([]);
  });

  it('reads and writes no file that a caller could name', () => {
    expect(
      found(/\b(?:readFile|writeFile|appendFile|readdir|createReadStream|createWriteStream|sendFile)(?:Sync)?\(/g, {
        'client/src/server/docs.ts: readFile(': 'the name is that of one of our services',
      }),
    ).toEqual([]);
  });

  it('hashes with SHA-256 only, and signs with ES256 only', () => {
    const sha256 = /create(?:Hash|Hmac)\('sha256'/;
    expect(found(/create(?:Hash|Hmac)\([^,)]*/g).filter((it) => !sha256.test(it))).toEqual([]);
    expect(found(/'(?:HS|RS|PS|ES)\d{3}'/g).filter((it) => !it.endsWith("'ES256'"))).toEqual([]);
    expect(found(/\bmd5\b|\bsha-?1\b/gi)).toEqual([]);
  });

  it('encrypts nothing by itself', () => {
    expect(found(/createCipher|createDecipher|publicEncrypt|privateDecrypt|subtle\.encrypt/g)).toEqual([]);
  });

  it('takes chance from Math.random only where nobody gains by guessing it', () => {
    const usual = 'ways to avoid each other';
    expect(
      found(/Math\.random/g, {
        'orders/src/shows/unit-list.ts: Math.random': usual,
        'orders/src/waiting/joining.ts: Math.random': usual,
        'orders/src/ordering.ts: Math.random': usual,
        'orders/src/places.ts: Math.random': usual,
        'common/src/messaging/relay/pump.ts: Math.random': usual,
        'common/src/store/aggregates.ts: Math.random': usual,
      }),
    ).toEqual([]);
  });

  it('never turns off the check of a certificate', () => {
    expect(found(/rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|tlsAllowInvalid\w*|checkServerIdentity/g)).toEqual(
      [],
    );
  });

  it('follows no redirect of another server', () => {
    const asking = sources.filter(
      ({ file, text }) => !file.startsWith('client/src/browser/') && /\bawait fetch\(/.test(text),
    );
    expect(asking.map(({ file }) => file)).not.toEqual([]);
    expect(asking.filter(({ text }) => !/redirect: '(?:error|manual)'/.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('asks only addresses that its settings name', () => {
    const asked = found(/\bawait fetch\([\w.]*/g).map((it) => it.replace(': await fetch(', ' '));
    expect(asked.toSorted()).toEqual([
      // A path on the shop's own origin.
      'client/src/browser/api.ts path',
      // The sandbox, instead of Stripe.
      'client/src/browser/sandbox.ts new',
      // Clicks, at the shop's own origin.
      'client/src/browser/trace.ts address',
      // The gateway.
      'client/src/server/gateway.ts url',
      // The keys of auth.
      'common/src/http/identity.ts jwksUrl',
    ]);
    expect(found(/\b(?:request|get|connect|createConnection)\b[^;]*from 'node:(?:https?|net|tls|http2)'/g)).toEqual([]);
  });

  it('gives the console no text of others as a format', () => {
    expect(found(/\bconsole\.\w+\((?!'%s')[^\n]*/g)).toEqual([]);
    expect(found(/util\.format|formatWithOptions/g)).toEqual([]);
  });

  it('keeps nobody from pasting', () => {
    expect(found(/onPaste|onBeforeInput|'paste'|onContextMenu/g)).toEqual([]);
  });

  it('keeps nothing that outlives its tab but the way back from a mail, and takes no messages from other windows', () => {
    expect(found(/indexedDB|document\.cookie|cookieStore|postMessage|'message'/g)).toEqual([]);
    // A path of the shop and the ids of chosen tickets, valid for ten minutes; nothing that was typed.
    expect(found(/localStorage/g).filter((it) => !it.startsWith('client/src/browser/hand-over.ts'))).toEqual([]);
    expect(found(/sessionStorage/g).filter((it) => !it.startsWith('client/src/browser/tab-store.ts'))).toEqual([]);
  });

  it('changes no prototype', () => {
    expect(found(/__proto__|\.prototype\b|setPrototypeOf/g)).toEqual([]);
  });
});
