import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** A mail that the crowd's mail server has received. */
export interface ReceivedMail {
  /** Without brackets and host. */
  readonly id: string;
  readonly to: string;
  /** The connection was closed instead of an answer, so its sender cannot know that it has arrived. */
  readonly isUnanswered: boolean;
}

export interface MailServer {
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  close(): Promise<void>;
}

/** One mail of so many is received, and the connection closed instead of an answer. */
const unansweredEach = 20;
/** One of so many is to be sent again later, as servers ask of senders that they do not know. */
const greylistedEach = 9;

/** The mail server of the whole crowd. It is as unreliable as others are. */
export async function mailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  let asked = 0;
  let taken = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onRcptTo(_address, _session, callback) {
      if (++asked % greylistedEach > 0) return callback();
      callback(Object.assign(new Error('4.7.1 Greylisted, try again later'), { responseCode: 451 }));
    },
    async onData(stream, session, callback) {
      const source = await text(stream).catch(() => undefined);
      // Its sender was killed.
      if (source === undefined) return callback(Object.assign(new Error('incomplete'), { responseCode: 451 }));
      const isUnanswered = ++taken % unansweredEach === 0;
      received.push({ id: idIn(source), to: recipientOf(session), isUnanswered });
      if (!isUnanswered) return callback();
      for (const connection of server.connections) if (connection.id === session.id) connection._socket.destroy();
    },
  });
  // Processes that send are killed.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The header may be folded before its value. */
const idIn = (source: string): string => /^Message-ID:\s*<([^@>]*)@[^>]*>/im.exec(source)?.[1] ?? '';

const recipientOf = ({ envelope }: SMTPServerSession): string => envelope.rcptTo[0]?.address ?? '';
