import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

interface Made {
  readonly challenge: string;
  readonly origin?: string;
  readonly host?: string;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const base64url = (data: string | Buffer) => Buffer.from(data).toString('base64url');
const text = (value: string) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);

/** A device with one passkey (ES256), which does what a browser and an authenticator do together. */
export function authenticator(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(16);
  const id = base64url(credentialId);
  let counter = 0;

  const clientData = (type: string, { challenge, origin: at = origin }: Made) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: at, crossOrigin: false }));

  /** WebAuthn §6.1: the host's hash, flags (present, verified, and whether a key follows), counter. */
  function authenticatorData({ host = new URL(origin).hostname }: Made, attested: Buffer | null): Buffer {
    const head = Buffer.alloc(5);
    head.writeUInt8(attested ? 0x45 : 0x05);
    head.writeUInt32BE(++counter, 1);
    return Buffer.concat([sha256(host), head, attested ?? Buffer.alloc(0)]);
  }

  /** CBOR: a map of kty, alg, crv, x, y (RFC 9053). */
  const coseKey = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, credentialId.length]), credentialId, coseKey]);

  const credential = { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const;
  return {
    make(made: Made) {
      const authData = authenticatorData(made, attested);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        ...[text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])],
        ...[text('authData'), Buffer.from([0x58, authData.length]), authData],
      ]);
      const clientDataJSON = base64url(clientData('webauthn.create', made));
      return { ...credential, response: { clientDataJSON, attestationObject: base64url(attestationObject) } };
    },
    sign(made: Made) {
      const data = authenticatorData(made, null);
      const client = clientData('webauthn.get', made);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      return {
        ...credential,
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(signature),
        },
      };
    },
  };
}
