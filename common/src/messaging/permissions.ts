import { z } from 'zod';
import { inboxOf } from './bus.ts';
import { keeperSubject } from './keeper-requests.ts';
import { deadLetterStream, holdsTimers, retryStream } from './topology.ts';

/** A service as a user of NATS: an entry of services.ts. */
export const BusUser = z.object({
  name: z.string(),
  announces: z.boolean(),
  listensTo: z.array(z.string()).readonly(),
});
export type BusUser = Readonly<z.infer<typeof BusUser>>;

/** The subjects that a user may publish to and subscribe to; all others are refused. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * What a service may do: announce on its own subjects, receive and acknowledge through its own consumers, bury its own
 * dead letters, look at its own stream, and ask the keeper.
 *
 * Not even reading by `$JS.API.DIRECT.GET` is allowed: the server sends a stored message with its headers to whatever
 * subject the request names for the answer, which could be one of another service. Other answers of the server are JSON
 * without headers, which no listener takes for an event.
 */
export function permissionsOf({ name, announces, listensTo }: BusUser): Permissions {
  const sources = listensTo.length > 0 ? [...listensTo, retryStream] : [];
  const api = (...words: string[]) => ['$JS.API', ...words].join('.');
  return {
    publish: [
      api('INFO'),
      keeperSubject(name),
      // For its own replicas.
      `${name}.*`,
      ...(announces ? [`${name}.*.*`, api('STREAM.INFO', name), api('STREAM.MSG.GET', name)] : []),
      ...sources.flatMap((stream) => [
        api('CONSUMER.INFO', stream, name),
        api('CONSUMER.MSG.NEXT', stream, name),
        `$JS.ACK.${stream}.${name}.>`,
      ]),
      ...(sources.length > 0 ? [`${deadLetterStream}.${name}.*`, api('STREAM.INFO', deadLetterStream)] : []),
      // It removes timers, and replays its sources when they were lost.
      ...(holdsTimers(name)
        ? [api('STREAM.PURGE', name), ...listensTo.map((stream) => api('CONSUMER.DELETE', stream, name))]
        : []),
    ],
    subscribe: [`${inboxOf(name)}.>`, `${name}.*`],
  };
}

/**
 * What the console may do: look at every stream and consumer, read messages without taking them from anybody, and hand
 * back or discard dead letters. It makes no stream, no durable consumer of an announcement, and announces nothing.
 *
 * A retry reaches one listener under any subject, so whoever has this key can make a service believe something: it
 * belongs to who operates the platform.
 */
export const consolePermissions: Permissions = {
  publish: [
    '$JS.API.INFO',
    '$JS.API.STREAM.LIST',
    '$JS.API.STREAM.INFO.*',
    '$JS.API.CONSUMER.LIST.*',
    '$JS.API.DIRECT.GET.*',
    '$JS.API.STREAM.MSG.GET.*',
    // Dead letters are read by a consumer that ends with the reading.
    `$JS.API.CONSUMER.CREATE.${deadLetterStream}.*`,
    `$JS.API.CONSUMER.INFO.${deadLetterStream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${deadLetterStream}.*`,
    `$JS.API.CONSUMER.DELETE.${deadLetterStream}.*`,
    `$JS.API.STREAM.MSG.DELETE.${deadLetterStream}`,
    `${retryStream}.>`,
  ],
  subscribe: [`${inboxOf('console')}.>`],
};

export const keeperName = 'keeper';

/** What the keeper may do: create streams and consumers, and answer the services. It announces and removes nothing. */
export const keeperPermissions: Permissions = {
  publish: [
    '$JS.API.INFO',
    '$JS.API.STREAM.CREATE.*',
    '$JS.API.STREAM.UPDATE.*',
    '$JS.API.STREAM.INFO.*',
    '$JS.API.CONSUMER.CREATE.*.*',
    '$JS.API.CONSUMER.DURABLE.CREATE.*.*',
    '$JS.API.CONSUMER.INFO.*.*',
    '_INBOX.*.>',
  ],
  subscribe: [`${inboxOf(keeperName)}.>`, keeperSubject('*')],
};
