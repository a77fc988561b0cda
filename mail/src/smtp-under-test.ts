import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** A mail as a server has received it. */
export interface Received extends Email {
  readonly to: Address[];
  readonly source: string;
}

/**
 * What the server does with a mail: `refuse` and `greylist` answer the recipient, `drop` closes the connection after it
 * has received and kept the mail, `stall` keeps it and never answers.
 */
export type Manner = 'take' | 'refuse' | 'refuse-data' | 'greylist' | 'drop' | 'stall' | 'delay';

export interface TestServer {
  readonly url: string;
  readonly received: Received[];
  /** How the next mails are treated, one each; after that all are taken. */
  next(...manners: Manner[]): void;
  /** How many connections were open at the same time, at most. */
  mostAtOnce(): number;
  /** The passwords that it was told. */
  readonly passwords: string[];
  close(): Promise<void>;
}

const delayMs = 300;

/** A real SMTP server on loopback, without TLS. It takes passwords only if it is told to. */
export async function smtpServer({ takesPasswords = false } = {}): Promise<TestServer> {
  const received: Received[] = [];
  const passwords: string[] = [];
  const coming: Manner[] = [];
  const manners = new Map<string, Manner>();
  let [open, most] = [0, 0];
  const mannerOf = ({ id }: SMTPServerSession): Manner => manners.get(id) ?? 'take';
  const problem = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

  const server = new SMTPServer({
    disabledCommands: takesPasswords ? ['STARTTLS'] : ['AUTH', 'STARTTLS'],
    allowInsecureAuth: takesPasswords,
    authOptional: true,
    onAuth({ username, password }, _session, callback) {
      passwords.push(password ?? '');
      callback(null, { user: username ?? '' });
    },
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect({ id }, callback) {
      most = Math.max(most, ++open);
      manners.set(id, coming.shift() ?? 'take');
      callback();
    },
    onClose: () => void open--,
    onRcptTo({ address }, session, callback) {
      const manner = mannerOf(session);
      if (manner === 'refuse') return callback(problem(550, `5.1.1 <${address}>: no such mailbox`));
      if (manner === 'greylist') return callback(problem(451, '4.7.1 Greylisted, try again later'));
      callback();
    },
    async onData(stream, session, callback) {
      const sent = await whole(stream);
      // Its sender was killed.
      if (!sent) return callback(problem(451, 'incomplete'));
      const manner = mannerOf(session);
      if (manner === 'refuse-data') return callback(problem(554, '5.7.1 Looks like spam'));
      const source = sent.toString();
      received.push({ ...(await PostalMime.parse(source)), source } as Received);
      if (manner === 'stall') return;
      if (manner === 'drop') {
        for (const connection of server.connections) if (connection.id === session.id) connection._socket.destroy();
        return;
      }
      if (manner === 'delay') await new Promise((resolve) => setTimeout(resolve, delayMs));
      callback();
    },
  });
  // A connection that a test breaks is an error here too.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    next: (...more) => void coming.push(...more),
    mostAtOnce: () => most,
    passwords,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function whole(stream: Readable): Promise<Buffer | undefined> {
  return buffer(stream).catch(() => undefined);
}
