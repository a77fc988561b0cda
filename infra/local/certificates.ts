import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { z } from 'zod';

/** A certificate and its private key, both as PEM. */
export const Pair = z.object({ certificate: z.string(), key: z.string() });
export type Pair = z.infer<typeof Pair>;

const keys = { name: 'ECDSA', namedCurve: 'P-256' };
const signingAlgorithm = { ...keys, hash: 'SHA-256' };
const dayMs = 24 * 60 * 60 * 1_000;
/** Clocks of two machines may differ by some minutes. */
const toleranceMs = 60 * 60 * 1_000;

const validFor = (days: number) => ({
  notBefore: new Date(Date.now() - toleranceMs),
  notAfter: new Date(Date.now() + days * dayMs),
});

/** A new certificate authority, which can issue certificates for servers and for no other authority. */
export async function newAuthority(name: string, days: number): Promise<Pair> {
  const pair = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: pair,
    signingAlgorithm,
    ...validFor(days),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return { certificate: pemOf(certificate), key: await keyOf(pair) };
}

/**
 * A certificate for a server with these host names, the first of which names it. Servers of a cluster also show it to
 * each other as clients.
 */
export async function issue(authority: Pair, hosts: readonly string[], days: number): Promise<Pair> {
  const pair = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${hosts[0]}`,
    issuer: new X509Certificate(authority.certificate).subject,
    publicKey: pair.publicKey,
    signingKey: await signingKeyOf(authority),
    signingAlgorithm,
    ...validFor(days),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }))),
    ],
  });
  return { certificate: pemOf(certificate), key: await keyOf(pair) };
}

const isAddress = (host: string) => z.union([z.ipv4(), z.ipv6()]).safeParse(host).success;

const newKeys = () => webcrypto.subtle.generateKey(keys, true, ['sign', 'verify']);

const signingKeyOf = ({ key }: Pair) => {
  const der = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, keys, false, ['sign']);
};

const pemOf = (certificate: X509Certificate) => `${certificate.toString('pem')}\n`;

async function keyOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  return String(createPrivateKey({ key: der, type: 'pkcs8', format: 'der' }).export({ type: 'pkcs8', format: 'pem' }));
}
