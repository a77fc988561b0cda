import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { keyVariable, usersConf } from '@box-office/common/messaging/nats-users';
import { BusUser } from '@box-office/common/messaging/permissions';
import { z } from 'zod';
import { services } from '../../services.ts';
import { apis, gateway } from './apis.ts';
import { asyncapi } from './asyncapi.ts';
import { consoleProcesses, consoleReplicas } from './console-component.ts';
import { eventsPage } from './events-page.ts';
import { openapi } from './openapi.ts';
import { securityPage } from './security-page.ts';
import { telemetryPage } from './telemetry-page.ts';

export const root = resolve(import.meta.dirname, '../..');
export const releasedContracts = join(root, 'docs/contracts.json');

const generated = '# Written by npm run docs from services.ts. The public keys come from the Secrets of the users.\n';

const natsUsers = (options: { withConsole: boolean }) =>
  `${generated}${usersConf(services, (user) => `$${keyVariable(user)}`, options)}`;

/** Every generated document by its path from the root, as it should be. */
export async function documents(): Promise<Map<string, string>> {
  const version = await currentVersion();
  return new Map([
    ['docs/events.md', eventsPage()],
    ['docs/security.md', securityPage()],
    ['docs/telemetry.md', telemetryPage()],
    ['docs/asyncapi.json', json(asyncapi(version))],
    ['infra/k8s/base/nats/users.conf', natsUsers({ withConsole: false })],
    ['infra/k8s/components/console/users.conf', natsUsers({ withConsole: true })],
    ['infra/k8s/components/console/PROCESSES', json(consoleProcesses)],
    ['infra/k8s/components/console/replicas.yml', consoleReplicas],
    ['infra/k8s/base/keeper/SERVICES', json(services.map((it) => BusUser.parse(it)))],
    ...apis.map((api): [string, string] => [`docs/openapi/${api.name}.json`, json(openapi(api, gateway, version))]),
  ]);
}

export async function currentVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
