import { readFileSync } from 'node:fs';
import type { Route } from '@box-office/common/http/route';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** What the gateway does with a request that a rule matches. */
interface Rule {
  readonly match: string;
  readonly priority: number;
  readonly service: string;
  /** Whether only whoever has a session gets through. */
  readonly needsSession: boolean;
}

/** The rules of the gateway, the one with the highest priority first. */
export type Gateway = readonly Rule[];

const IngressRoute = z.object({
  spec: z.object({
    routes: z.array(
      z.object({
        match: z.string(),
        priority: z.int(),
        middlewares: z.array(z.object({ name: z.string() })).default([]),
        services: z.array(z.object({ name: z.string() })).length(1),
      }),
    ),
  }),
});

/** Reads the rules from the file that the gateway is configured with. */
export function gatewayIn(file: string): Gateway {
  const ingressRoutes = parseAllDocuments(readFileSync(file, 'utf8')).map((it) => IngressRoute.parse(it.toJS()));
  const rules = ingressRoutes.flatMap(({ spec }) =>
    spec.routes.flatMap(({ match, priority, middlewares, services }) =>
      services.map(({ name: service }) => {
        const needsSession = middlewares.some(({ name }) => name === 'identity');
        return { match, priority, service, needsSession };
      }),
    ),
  );
  return rules.toSorted((a, b) => b.priority - a.priority);
}

/** Which rule decides about a route's requests. */
export function ruleFor(gateway: Gateway, { method, path }: Pick<Route, 'method' | 'path'>): Rule | undefined {
  const example = path.replaceAll(/:\w+/g, '0123456789abcdef01234567');
  return gateway.find(({ match }) => matches(match, method, example));
}

/** Whether the gateway forwards requests for a route to the service that has it. */
export const forwards = (gateway: Gateway, service: string, route: Pick<Route, 'method' | 'path'>): boolean =>
  ruleFor(gateway, route)?.service === service;

const matcher = /(!?)(Method|Path|PathPrefix|PathRegexp|Host|HeaderRegexp|QueryRegexp)\(`([^`]*)`(?:, `[^`]*`)?\)/g;

/**
 * Evaluates what we use of Traefik's rules: these matchers, `!` before one, `&&`, `||` and parentheses. The request is
 * for a name that the gateway knows, is no preflight and searches for nothing.
 */
function matches(rule: string, method: string, path: string): boolean {
  const holds = (name: string, value: string): boolean => {
    if (name === 'Method') return method === value;
    if (name === 'Path') return path === value;
    if (name === 'PathPrefix') return path.startsWith(value);
    if (name === 'PathRegexp') return new RegExp(value).test(path);
    return name === 'Host';
  };
  const logic = rule.replaceAll(matcher, (_, not: string, name: string, value: string) =>
    String(holds(name, value) === (not === '')),
  );
  return isTrue(logic.replaceAll(/\s/g, ''), rule);
}

function isTrue(logic: string, rule: string): boolean {
  const simpler = logic
    .replaceAll(/\((true|false)\)/g, '$1')
    .replaceAll(/(true|false)&&(true|false)/g, (_, a, b) => String(a === 'true' && b === 'true'))
    // Only where no `&&` is left on either side, for it binds tighter.
    .replaceAll(/(?<=^|\(|\|\|)(true|false)\|\|(true|false)(?=$|\)|\|\|)/g, (_, a, b) =>
      String(a === 'true' || b === 'true'),
    );
  if (simpler === 'true' || simpler === 'false') return simpler === 'true';
  if (simpler === logic) throw new Error(`cannot read the gateway's rule ${rule}`);
  return isTrue(simpler, rule);
}
