import { type Request, type RequestHandler, type Response, Router } from 'express';
import { Id } from '../contracts/primitives.ts';
import { notFound, problem } from '../problem.ts';
import type { SignedInUser } from '../signed-in-user.ts';
import { aboutOrder } from '../telemetry/span.ts';
import { jsonIn, mustBeJson, mustBePlain, type ReadBody } from './body.ts';
import { ifMatch } from './etag.ts';
import type { Answer } from './exchange.ts';
import { idempotencyKey } from './idempotency.ts';
import type { Identity } from './identity.ts';
import { linkToNext } from './paging.ts';
import { parsed } from './parsed.ts';
import { isRaw, type Once, type Route } from './route.ts';

/** The largest JSON body, in bytes. */
export const jsonBytes = 100_000;

export interface ServeOptions {
  /** Verifies who is calling; required if any route is for signed-in users. */
  readonly identity?: Identity;
  readonly readBody: ReadBody;
  /**
   * Limits how many changes a caller may request. Callers that sign their requests are few and trusted, so they are not
   * limited.
   */
  readonly limitWrites?: RequestHandler;
}

/**
 * Serves routes as declared. Cheap checks come first: permission, then path, query and headers, and only then the body.
 * A known path with another method is answered 405; OPTIONS lists the methods.
 */
export function serve(routes: readonly Route[], { identity, readBody, limitWrites }: ServeOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const paths = Map.groupBy(routes, ({ path }) => path);
  for (const [path, atPath] of paths) {
    for (const route of atPath) register(router, route, handlerOf(route));
    router.all(path, refuseMethod(atPath));
  }
  return router;

  function handlerOf(route: Route): RequestHandler {
    const identify = identifierOf(route, identity);
    const hasVersions = Object.values(route.headers).includes(ifMatch);
    return async (req, res) => {
      if (limitWrites && route.who !== 'signature') await passes(limitWrites, req, res);
      const user = await identify(req);
      const params = paramsOf(req);
      if (route.path.startsWith('/api/orders/:id')) aboutOrder(params.id);
      const query = route.query && parsed(route.query, req.query);
      const headers = Object.fromEntries(
        Object.entries(route.headers).map(([name, header]) => [name, header.read(req.get(header.name))]),
      );
      if (!hasVersions) mustMatchAnything(req);
      const key = route.keys && idempotencyKey.read(req.get(idempotencyKey.name));
      req.body = await bodyOf(route, req, readBody);
      for (const limit of route.limits) await passes(limit, req, res);
      const body = route.body === undefined || isRaw(route.body) ? req.body : parsed(route.body, req.body);
      const once: Once<Answer> = async (work) => {
        if (!route.keys || !user) throw new Error(`${route.path} is not declared with keys and for signed-in users`);
        const request = { userId: user.id, route: `${req.method} ${req.baseUrl}${req.path}`, key, body: req.body };
        return route.keys.once({ ...request, onReplay: () => void res.set('Idempotency-Replayed', 'true') }, work);
      };
      const requestId = String(res.locals.requestId);
      send(req, res, await route.handle({ user, params, query, body, headers, once, requestId, req }));
    };
  }
}

function register(router: Router, { method, path }: Route, handler: RequestHandler): void {
  // Express also answers HEAD with the handler of GET, and drops the body.
  if (method === 'GET') router.get(path, handler);
  if (method === 'POST') router.post(path, handler);
  if (method === 'PUT') router.put(path, handler);
  if (method === 'DELETE') router.delete(path, handler);
}

function identifierOf(route: Route, identity: Identity | undefined): (req: Request) => Promise<SignedInUser | null> {
  if (route.who !== 'signedIn') return async () => null;
  if (!identity) throw new Error(`${route.method} ${route.path} is for signed-in users, but the app has no identity`);
  return (req) => identity.verify(req.get('Authorization'));
}

/** @throws Problem 404 if a parameter is not an id: what it names cannot exist */
function paramsOf(req: Request): Record<string, string> {
  return Object.fromEntries(
    Object.entries(req.params).map(([name, value]) => {
      const id = Id.safeParse(value);
      if (!id.success) throw notFound();
      return [name, id.data];
    }),
  );
}

async function bodyOf(route: Route, req: Request, readBody: ReadBody): Promise<unknown> {
  mustBePlain(req);
  if (route.body && isRaw(route.body)) return (await readBody(req, route.body.rawBytes)) ?? Buffer.alloc(0);
  // Even if the route reads no body: a form on another site's page can send any type but JSON.
  mustBeJson(req);
  return route.body && jsonIn(await readBody(req, jsonBytes));
}

/** What has no `ETag` matches none: a change on that condition must not be made (RFC 9110 §13.1.1). */
function mustMatchAnything(req: Request): void {
  const isRead = req.method === 'GET' || req.method === 'HEAD';
  if (isRead || ifMatch.read(req.get(ifMatch.name)) === null) return;
  throw problem('version-moved', 'This has no ETag, so it cannot be changed on the condition of one.');
}

function passes(limit: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void limit(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
  });
}

function refuseMethod(atPath: readonly Route[]): RequestHandler {
  const methods = atPath.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (req, res) => {
    paramsOf(req);
    res.set('Allow', allow);
    if (req.method !== 'OPTIONS') throw problem('method-not-allowed', `Only ${allow} can be done here.`);
    res.status(204).end();
  };
}

function send(req: Request, res: Response, answer: Answer): void {
  const { status, headers = {}, cookies = [], next, body, json, csv } = answer;
  for (const { name, value, options } of cookies) {
    if (value === null) res.clearCookie(name, options);
    else res.cookie(name, value, options);
  }
  linkToNext(req, res, next);
  res.status(status).set(headers);
  const text = json ?? (body === undefined ? undefined : JSON.stringify(body));
  if (csv !== undefined) res.type('text/csv; charset=utf-8; header=present').send(csv);
  else if (text === undefined) res.end();
  else res.type('application/json').send(text);
}
