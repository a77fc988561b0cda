import { isRaw } from '@box-office/common/http/route';
import { z } from 'zod';
import { apis } from './apis.ts';
import { events } from './events.ts';
import { jsonSchema } from './schema.ts';

const Schema = z.record(z.string(), z.unknown());

/**
 * What we have promised to others, as JSON Schema: `produced` is what they read from us, `consumed` what they may send
 * us.
 */
export const Contracts = z.object({
  version: z.string(),
  produced: z.record(z.string(), Schema).describe('Events by subject, answers by route and status'),
  consumed: z.record(z.string(), Schema).describe('Bodies and queries by route'),
});
export type Contracts = z.infer<typeof Contracts>;

/** The contracts as they are in the source now. */
export function contractsOf(version: string): Contracts {
  const routes = apis.flatMap((service) => service.routes);
  const nameOf = ({ method, path }: (typeof routes)[number]) => `${method} ${path}`;
  return {
    version,
    produced: Object.fromEntries([
      ...events.map((event) => [`${event.announcedBy}: ${event.type}`, jsonSchema(event.data, 'output')]),
      ...routes.flatMap((route) =>
        Object.entries(route.answers).map(([status, { body }]) => [
          `${nameOf(route)} ${status}`,
          body ? jsonSchema(body, 'output') : {},
        ]),
      ),
    ]),
    consumed: Object.fromEntries(
      routes.flatMap((route) => [
        ...(route.body && !isRaw(route.body) ? [[`${nameOf(route)} body`, jsonSchema(route.body, 'input')]] : []),
        ...(route.query ? [[`${nameOf(route)} query`, jsonSchema(route.query, 'input')]] : []),
      ]),
    ),
  };
}
