import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { consoleName, namesOf } from '@box-office/common/messaging/nats-users';
import { newSeed } from '@box-office/common/messaging/nkey';
import { z } from 'zod';
import { services } from '../../services.ts';
import { CannotStart } from './starting.ts';

const Secrets = z.object({
  /** Private keys as JWKs; the first one signs. */
  signingKeys: z.array(z.record(z.string(), z.unknown())),
  stripeSecretKey: z.string(),
  stripePublishableKey: z.string(),
  stripeWebhookSecret: z.string(),
  /** The seeds of the users of NATS, by name. */
  natsSeeds: z.record(z.string(), z.string()).default({}),
});

export type Secrets = z.infer<typeof Secrets>;

/**
 * The secrets of a local platform: created once, readable by their owner only, used nowhere else. Those that an earlier
 * version did not need are added.
 *
 * @throws CannotStart when the file holds something else
 */
export async function localSecrets(path: string): Promise<Secrets> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  const known = text === undefined ? undefined : readSecrets(path, text);
  const secrets = known ? withMissing(known) : newSecrets();
  if (!isDeepStrictEqual(secrets, known)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

function readSecrets(path: string, text: string): Secrets {
  try {
    return Secrets.parse(JSON.parse(text));
  } catch {
    throw new CannotStart(
      'The platform',
      `${path} does not hold its secrets. Remove the file, and new ones are made; everybody has to sign in again`,
    );
  }
}

export function newSecrets(): Secrets {
  return {
    // Two are published and one signs, as in every environment: the second can take over without an interruption.
    signingKeys: [newSigningKey(), newSigningKey()],
    stripeSecretKey: `sk_test_sandbox${random()}`,
    stripePublishableKey: `pk_test_sandbox${random()}`,
    stripeWebhookSecret: `whsec_${random()}`,
    natsSeeds: newSeeds(),
  };
}

const newSeeds = () => Object.fromEntries([...namesOf(services), consoleName].map((user) => [user, newSeed()]));

const withMissing = (secrets: Secrets): Secrets => ({
  ...secrets,
  natsSeeds: { ...newSeeds(), ...secrets.natsSeeds },
});

export function newSigningKey(): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: random(), alg: 'ES256', use: 'sig' };
}

const random = () => randomBytes(16).toString('hex');
