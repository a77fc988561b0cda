import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@box-office/common/messaging/bus';
import { namesOf } from '@box-office/common/messaging/nats-users';
import { announcers, onTheBus, type ServiceName, services } from '../../services.ts';

/** The subjects that the server lets a user publish to; not for one who may do everything. Closes the connection. */
export async function permittedTo(bus: Bus, subjects: readonly string[]): Promise<string[]> {
  const { connection } = bus;
  const refused = new Set<string>();
  const watch = async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error') continue;
      const [, subject] = /Publish to "(.*)"/.exec(status.error.message) ?? [];
      if (subject) refused.add(subject);
    }
  };
  void watch();
  // The server answers in order, so when the last is refused, all others that are refused have been.
  for (const subject of [...subjects, 'the.last']) connection.publish(subject, '{}');
  while (!refused.has('the.last')) await connection.flush().then(() => sleep(5));
  await connection.close();
  return subjects.filter((it) => !refused.has(it));
}

/** The subjects that the server lets a user subscribe to. Closes the connection. */
export async function heardBy(bus: Bus, subjects: readonly string[]): Promise<string[]> {
  const { connection } = bus;
  const refused = new Set<string>();
  for (const subject of subjects) {
    connection.subscribe(subject, {
      callback(error) {
        if (error) refused.add(subject);
      },
    });
  }
  await connection.flush();
  await connection.close();
  return subjects.filter((it) => !refused.has(it));
}

const streams = [...announcers, 'dead-letters', 'retries'];
export const api = (verb: string, ...names: string[]) => ['$JS.API', verb, ...names].join('.');
const ownConsumers = (name: ServiceName): string[] => {
  const listensTo: readonly string[] = services.find((it) => it.name === name)?.listensTo ?? [];
  return listensTo.length > 0 ? [...listensTo, 'retries'] : [];
};

/** Every call of JetStream's API on every stream and on every service's consumer of it. */
export const calls: readonly string[] = [
  ...['ACCOUNT.PURGE.x', 'STREAM.NAMES', 'STREAM.LIST', 'STREAM.CREATE.other', 'META.LEADER.STEPDOWN'].map((it) =>
    api(it),
  ),
  ...streams.flatMap((it) => [
    ...['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE', 'INFO', 'MSG.GET', 'MSG.DELETE'].map((verb) =>
      api(`STREAM.${verb}`, it),
    ),
    ...['STREAM.PEER.REMOVE', 'STREAM.LEADER.STEPDOWN'].map((verb) => api(verb, it)),
    ...[api('DIRECT.GET', it), api('DIRECT.GET', it, `${it}.1.created`)],
    ...[api('CONSUMER.NAMES', it), api('CONSUMER.LIST', it), api('CONSUMER.CREATE', it)],
    ...[...onTheBus, 'evil'].flatMap((consumer) => [
      ...['CREATE', 'DURABLE.CREATE', 'DELETE', 'INFO', 'MSG.NEXT', 'PAUSE', 'RESET', 'UNPIN', 'LEADER.STEPDOWN'].map(
        (verb) => api(`CONSUMER.${verb}`, it, consumer),
      ),
      api('CONSUMER.CREATE', it, consumer, `${it}.1.created`),
      `$JS.ACK.${it}.${consumer}.1.1.1.1.1`,
    ]),
  ]),
];

/** Those that a service needs. */
export function permittedCalls(name: ServiceName): string[] {
  const consumes = ownConsumers(name);
  const timers = name === 'expiration';
  return [
    ...announcers.filter((it) => it === name).flatMap((it) => [api('STREAM.INFO', it), api('STREAM.MSG.GET', it)]),
    ...(consumes.length > 0 ? [api('STREAM.INFO', 'dead-letters')] : []),
    ...consumes.flatMap((it) => [
      api('CONSUMER.INFO', it, name),
      api('CONSUMER.MSG.NEXT', it, name),
      `$JS.ACK.${it}.${name}.1.1.1.1.1`,
    ]),
    ...(timers ? [api('STREAM.PURGE', name), api('CONSUMER.DELETE', 'orders', name)] : []),
  ];
}

/** Those that the console needs: it looks at everything, and takes dead letters away. */
export const callsOfConsole: readonly string[] = [
  api('STREAM.LIST'),
  ...streams.flatMap((it) => [
    ...['STREAM.INFO', 'STREAM.MSG.GET', 'CONSUMER.LIST', 'DIRECT.GET'].map((verb) => api(verb, it)),
  ]),
  api('STREAM.MSG.DELETE', 'dead-letters'),
  ...[...onTheBus, 'evil'].flatMap((consumer) =>
    ['CREATE', 'INFO', 'MSG.NEXT', 'DELETE'].map((verb) => api(`CONSUMER.${verb}`, 'dead-letters', consumer)),
  ),
];

/** What another may announce, bury, retry and ask for, and how the server answers it. */
export function subjectsOfOthers(name: string): string[] {
  const others = namesOf(services).filter((it) => it !== name);
  return [
    ...others.flatMap((it) => [
      ...['created', 'updated', 'captured', 'completed', 'timer'].map((what) => `${it}.1.${what}`),
      ...[`${it}.ended`, `keeper.${it}`, `dead-letters.${it}.orders`, `retries.${it}.payments.1.captured`],
      `_INBOX.${it}.1`,
    ]),
    ...[`retries.${name}.payments.1.captured`, 'auth.ended', '$SYS.REQ.SERVER.PING', '_INBOX.1', 'anything', '_R_.1'],
  ].filter((it) => !it.startsWith(`${name}.`));
}

/** What others hear. */
export function heardByOthers(name: string): string[] {
  const others = namesOf(services).filter((it) => it !== name);
  return [
    ...['>', '*', '*.*', '*.*.*', '_INBOX.>', '_INBOX.*', '_INBOX.*.*', '$JS.>', '$JS.EVENT.>', '$SYS.>', 'keeper.>'],
    ...others.flatMap((it) => [`${it}.>`, `${it}.*.created`, `${it}.*`, `_INBOX.${it}.>`, `keeper.${it}`]),
    ...[`${name}.*.*`, `keeper.${name}`, 'retries.>', 'dead-letters.>'],
  ];
}
