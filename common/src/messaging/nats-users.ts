import { inboxOf } from './bus.ts';
import {
  type BusUser,
  consolePermissions,
  keeperName,
  keeperPermissions,
  type Permissions,
  permissionsOf,
} from './permissions.ts';

/** Whoever operates the platform, with commands such as `npm run dead-letters`: may do everything. */
export const operatorName = 'operator';

/** What shows the system to people. It is a user only where there is a console. */
export const consoleName = 'console';

/** The environment variable with the public key of a user, for the configuration of a server. */
export const keyVariable = (user: string): string => `NKEY_${user.toUpperCase().replaceAll('-', '_')}`;

/** Seeds of nkeys, by user. */
export type NatsSeeds = Readonly<Record<string, string>>;

/** Everybody who may always connect to NATS: the services that use it, the keeper and the operator. */
export const namesOf = (services: readonly BusUser[]): string[] => [
  ...services.filter(isOnTheBus).map(({ name }) => name),
  keeperName,
  operatorName,
];

const isOnTheBus = ({ announces, listensTo }: BusUser) => announces || listensTo.length > 0;

/**
 * The users of a NATS server and what each may do, as a part of its configuration. Nobody else may connect. `keyOf`
 * names the public key of a user, or the variable that holds it.
 */
export function usersConf(
  services: readonly BusUser[],
  keyOf: (user: string) => string,
  { withConsole = true } = {},
): string {
  const names = [...namesOf(services), ...(withConsole ? [consoleName] : [])];
  const users = names.map((user) => {
    const rights = rightsOf(user, services);
    if (!rights) return [`    # ${user}: everything`, `    { nkey: ${keyOf(user)} }`].join('\n');
    return [
      `    # ${user}`,
      `    { nkey: ${keyOf(user)}, permissions: {`,
      `      publish: { allow: ${list(rights.publish)} }`,
      `      subscribe: { allow: ${list(rights.subscribe)} }`,
      '    } }',
    ].join('\n');
  });
  return ['authorization {', '  users: [', ...users, '  ]', '}', ''].join('\n');
}

/** Undefined for who may do everything. */
function rightsOf(user: string, services: readonly BusUser[]): Permissions | undefined {
  if (user === operatorName) return undefined;
  if (user === keeperName) return keeperPermissions;
  if (user === consoleName) return consolePermissions;
  const service = services.find(({ name }) => name === user);
  return service ? permissionsOf(service) : { publish: [], subscribe: [`${inboxOf(user)}.>`] };
}

const list = (subjects: readonly string[]) =>
  `[\n${subjects.map((it) => `        ${JSON.stringify(it)}\n`).join('')}      ]`;
