import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Mailbox } from './mailbox.ts';
import { listPage, mailPage } from './page.ts';

const mostListed = 500;
const usuallyListed = 100;

/**
 * The mailbox page, in front of the service's own routes and on its own port: the gateway does not forward to it.
 * Answers only requests to this machine by name or address: otherwise a page on the web could read it through a host
 * name of its own that leads here (DNS rebinding).
 */
export function withMailbox(app: RequestListener, mailbox: Mailbox, logger: Logger): RequestListener {
  return (req, res) => {
    const url = URL.parse(req.url ?? '/', 'http://mailbox');
    if (!url || !/^\/mailbox(\/|\.json$|$)/.test(url.pathname)) return app(req, res);
    if (!isLoopback(req.headers.host)) return send(res, 403, 'text/plain', 'Open it as localhost.');
    answer(req, res, url, mailbox).catch((error: unknown) => {
      logger.error({ err: error }, 'the mailbox could not be read');
      send(res, 500, 'text/plain', 'The mailbox cannot be read now.');
    });
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, url: URL, mailbox: Mailbox): Promise<void> {
  if (req.method !== 'GET') return send(res, 405, 'text/plain', 'Only GET.');
  const to = url.searchParams.get('to') ?? undefined;
  const asked = Number(url.searchParams.get('limit') ?? usuallyListed);
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, mostListed) : usuallyListed;
  if (url.pathname === '/mailbox.json')
    return send(res, 200, 'application/json', JSON.stringify(await mailbox.list({ to, limit })));
  if (url.pathname === '/mailbox') return send(res, 200, 'text/html', listPage(await mailbox.list({ to, limit })));
  const mail = await mailbox.find(url.pathname.slice('/mailbox/'.length));
  if (mail) send(res, 200, 'text/html', mailPage(mail));
  else send(res, 404, 'text/plain', 'No such mail.');
}

/** What a mail says is shown, and nothing in it is loaded or run. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'";

function send(res: ServerResponse, status: number, type: string, body: string): void {
  res
    .writeHead(status, {
      'Content-Type': `${type}; charset=utf-8`,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
    })
    .end(body);
}

const isLoopback = (host = ''): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
