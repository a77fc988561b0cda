import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { notThere, Refused } from '../refused.ts';
import { mustBeOwn, mustBeProgram } from './guard.ts';
import { sendJson } from './router.ts';

/** Answers one request, or throws a Refused. */
export type Answering = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void;

export interface Parts {
  readonly api: Answering;
  readonly live: Answering;
  readonly traces: Answering;
  readonly page: Answering;
  /** Called with what is nobody's fault but ours. */
  readonly failed: (error: unknown) => void;
}

/** Everything on the pages is the console's own. */
const security = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

export function consoleServer({ api, live, traces, page, failed }: Parts): Server {
  const choose = (path: string): Answering => {
    if (path === '/api/live') return live;
    if (path === '/v1/traces') return traces;
    return path.startsWith('/api/') || path.startsWith('/v1/') ? api : page;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(security)) response.setHeader(name, value);
    const path = request.url ?? '/';
    const url = URL.parse(path.startsWith('/') ? `http://localhost${path}` : path);
    if (!url) throw new Refused(400, 'invalid', 'That is no path.');
    mustBeOwn(request, url.pathname);
    await choose(url.pathname)(request, response, url);
  };
  return serving(answer, failed);
}

/**
 * Takes spans and says that it is alive, on a port that others in a cluster may reach. It is a server of its own, so
 * that no route of the console can ever be asked for there.
 */
export function spanReceiver(traces: Answering, failed: Parts['failed']): Server {
  return serving(async (request, response) => {
    const url = URL.parse(`http://localhost${request.url}`);
    if (url?.pathname === '/healthz/live') return void response.writeHead(200).end();
    if (url?.pathname !== '/v1/traces') throw notThere('There is no such path.');
    mustBeProgram(request, url.pathname);
    await traces(request, response, url);
  }, failed);
}

type Answers = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function serving(answer: Answers, failed: Parts['failed']): Server {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof Refused)) failed(error);
      if (response.headersSent) return void response.destroy();
      if (error instanceof Refused)
        return sendJson(response, error.status, { code: error.code, detail: error.message });
      sendJson(response, 500, { code: 'internal', detail: 'The console failed; its log says why.' });
    });
  });
  server.requestTimeout = 30_000;
  return server;
}
