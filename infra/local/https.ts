import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { issue, newAuthority } from './certificates.ts';

/** How the gateway speaks TLS on this machine. */
export interface Https {
  /** Files with PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Where our own processes reach the gateway without TLS, on this machine alone. */
  readonly internalPort: number;
  /** Where browsers reach the payment sandbox. */
  readonly sandboxPort: number;
}

export interface LocalCertificate extends Pick<Https, 'certificate' | 'key'> {
  /** Who issued it, for people: a sentence. */
  readonly issuer: string;
}

/** Browsers accept no longer one, even where they are told to trust it. */
const days = 390;
const renewedWithDaysLeft = 30;

/**
 * The certificate of the shop on this machine, for these names: from mkcert, whose authority browsers trust, or one of
 * our own, which stays the same between starts so that a browser has to be told only once.
 */
export async function localCertificate(
  dir: string,
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<LocalCertificate> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const [certificate, key] = [join(dir, 'certificate.pem'), join(dir, 'key.pem')];
  const args = ['-cert-file', join(dir, 'mkcert.pem'), '-key-file', join(dir, 'mkcert-key.pem'), ...names];
  const { failed } = await execa('mkcert', args, { env, extendEnv: false, reject: false, stdin: 'ignore' });
  if (!failed) {
    const issuer = 'Its certificate comes from mkcert.';
    return { certificate: join(dir, 'mkcert.pem'), key: join(dir, 'mkcert-key.pem'), issuer };
  }
  const authority = join(dir, 'authority.pem');
  if (!(await isCurrent(certificate, names))) {
    // Its key is forgotten at once: it issues one certificate.
    const made = await newAuthority('Box Office on this machine', days);
    const own = await issue(made, names, days);
    await writeFile(key, own.key, { mode: 0o600 });
    await writeFile(authority, made.certificate);
    await writeFile(certificate, own.certificate);
  }
  const issuer = `Browsers warn about its certificate, whose authority is ${authority}; with mkcert installed they do not.`;
  return { certificate, key, issuer };
}

async function isCurrent(file: string, names: readonly string[]): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const known = new X509Certificate(text);
  const leftMs = Date.parse(known.validTo) - Date.now();
  return (
    leftMs > renewedWithDaysLeft * 24 * 60 * 60 * 1_000 && names.every((it) => known.checkHost(it) ?? known.checkIP(it))
  );
}
