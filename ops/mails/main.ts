import { join, resolve } from 'node:path';
import { cannotRun, commandLine } from '@box-office/common/command';
import { printable } from '@box-office/common/telemetry/printable';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';
import { z } from 'zod';

const { values, positive } = commandLine({
  name: 'npm run mails',
  does: 'lists the mails in the mailbox of the running npm start, newest first',
  options: {
    json: { does: 'prints them as JSON, each with HTML, text and source' },
    to: { value: 'ADDRESS', does: 'only those to this address' },
    limit: { value: 'NUMBER', default: '100', does: 'how many, at most 500' },
    url: { value: 'URL', does: 'the mail service; by default that of the running npm start' },
    state: { value: 'FOLDER', does: 'the npm start with this state folder' },
  },
  notes: ['There is a mailbox only where no mail server is set (SMTP_URL).'],
});

/** The command cannot be run; the message says why. */
class Refused extends Error {}

/** The answer of the mailbox, as far as it is printed here. */
const Mailbox = z.array(z.looseObject({ id: z.string(), at: z.string(), to: z.string(), subject: z.string() }));

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const limit = positive('limit', values.limit);
  const url = mailUrl(values.url, values.state);
  const query = new URLSearchParams({ limit: `${limit}`, ...(values.to === undefined ? {} : { to: values.to }) });
  const mails = await read(new URL(`/mailbox.json?${query}`, url));
  if (values.json) return print(JSON.stringify(mails, null, 2));
  for (const { id, at, to, subject } of mails)
    print(`${at}  ${printable(to)}  ${printable(subject)}\n  ${new URL(`/mailbox/${id}`, url)}`);
  if (mails.length === 0) print('No mails.');
}

function mailUrl(given: string | undefined, state: string | undefined): string {
  if (given !== undefined) {
    if (!URL.canParse(given)) throw new Refused(`"${given}" is no address; one looks like http://127.0.0.1:3000.`);
    return given;
  }
  const holder = holderOf(`${resolve(state ?? join(localDir, 'state'))}.lock`);
  if (!holder) throw new Refused('No platform is running here. Run npm start first, or name the service by --url URL.');
  if (typeof holder.mailUrl !== 'string')
    throw new Refused(`The platform of process ${holder.pid} is only being started; its mailbox is not known yet.`);
  return holder.mailUrl;
}

async function read(url: URL): Promise<z.infer<typeof Mailbox>> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new Refused(`Nothing answers at ${url.origin}: ${error}`);
  });
  if (answer.status === 404) throw new Refused('There is no mailbox: mails are sent to the mail server in SMTP_URL.');
  if (!answer.ok) throw new Refused(`${url} answered ${answer.status}.`);
  return Mailbox.parse(await answer.json());
}

// The reader of the list may have closed the pipe, like `head`.
process.stdout.on('error', () => process.exit());

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Refused ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exitCode = error instanceof Refused ? cannotRun : 1;
}
