import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Delivery, Message, Outlet } from './outlet.ts';

export interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password if the server wants them, which then has to speak TLS. */
  readonly url: string;
  /** `Box Office <tickets@example.com>` */
  readonly from: string;
  /** How long the server may take to answer at any point, in ms. Default 30 s. */
  readonly patienceMs?: number;
  /** How long all of it may take, in ms: less than a lease. Default 90 s. */
  readonly withinMs?: number;
}

/**
 * Sends over SMTP, with one connection for each mail: a pool would send a mail again by itself when its connection
 * breaks, and whether a mail is sent again is decided in one place, the database.
 */
export function smtp({ url, from, patienceMs = 30_000, withinMs = 90_000 }: SmtpOptions): Outlet {
  const transport = createTransport({
    ...urlOptions(url),
    connectionTimeout: Math.min(patienceMs, 10_000),
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async deliver(message) {
      try {
        const sending = transport.sendMail(optionsOf(message, from));
        return await Promise.race([sending.then(() => taken), tooSlow(withinMs)]);
      } catch (error) {
        return deliveryOf(error);
      }
    },
  };
}

const taken: Delivery = { result: 'taken' };

/** For a server that answers each command just in time. The mail may arrive, as with a broken connection. */
async function tooSlow(withinMs: number): Promise<Delivery> {
  await sleep(withinMs, undefined, { ref: false });
  return { result: 'failed', reason: `the server took longer than ${withinMs} ms`, isServerAway: true };
}

/** The same message for every outlet. */
export function optionsOf({ messageId, to, subject, html, text, date }: Message, from: string): SendMailOptions {
  return {
    ...{ from, to, subject, html, text, date },
    messageId,
    headers: {
      // No answers by machines, such as out-of-office notes (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
  };
}

function urlOptions(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : secure ? 465 : 587,
    secure,
    // Otherwise whoever stands between strikes STARTTLS from the server's answer and reads the password.
    requireTLS: username !== '',
    ...(username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
  };
}

/** After these a 5xx is about the mail. Before them it is about us: our address, our password, our server's name. */
const aboutTheMail = new Set(['RCPT TO', 'DATA']);
/** The address itself cannot be sent to, found out before a server was asked. */
const badAddress = 'EENVELOPE';

function deliveryOf(error: unknown): Delivery {
  const { responseCode, command, code, message, response } = partsOf(error);
  const reason = withoutAddresses(response ?? message);
  if (responseCode !== undefined && responseCode >= 500 && aboutTheMail.has(command ?? ''))
    return { result: 'refused', code: responseCode, reason };
  if (responseCode === undefined && code === badAddress && command === 'API') return { result: 'refused', reason };
  return { result: 'failed', reason, isServerAway: responseCode === undefined };
}

interface SmtpError {
  readonly responseCode?: number;
  readonly command?: string;
  readonly code?: string;
  readonly response?: string;
  readonly message: string;
}

function partsOf(error: unknown): SmtpError {
  if (!Error.isError(error)) return { message: String(error) };
  // A parsing boundary: nodemailer adds fields to its errors.
  const { responseCode, command, code, response, message } = error as Error & Partial<Record<string, unknown>>;
  return {
    message,
    ...(typeof responseCode === 'number' ? { responseCode } : {}),
    ...(typeof command === 'string' ? { command } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof response === 'string' ? { response } : {}),
  };
}

/** Servers repeat the address in their answer. The organiser sees the answer, but is not told who the buyer is. */
const withoutAddresses = (text: string): string =>
  text
    .replaceAll(/<?[^\s<>@]+@[^\s<>]+>?/g, '(address)')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 500);
