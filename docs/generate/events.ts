import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventContract } from '@box-office/common/contracts/event';
import type { Listener } from '@box-office/common/messaging/listener';
import { type Announcer, announcers, type ServiceName, services } from '../../services.ts';
import { neverUsed } from './never-used.ts';

const contracts = join(import.meta.dirname, '../../common/src/contracts');

/** Every event, service by service; a service may have contracts of several aggregates, each in a file of its own. */
export const events: readonly EventContract[] = await allEvents();

/** The events that each service listens to, from its own list of listeners. */
const received: ReadonlyMap<ServiceName, readonly EventContract[]> = new Map(
  await Promise.all(
    services
      .filter(({ listensTo }) => listensTo.length > 0)
      .map(async ({ name }) => [name, (await listenersOf(name)).map(({ contract }) => contract)] as const),
  ),
);

/** Which services listen to an event. */
export function listenersTo(event: EventContract): string[] {
  return [...received].filter(([, contracts]) => contracts.includes(event)).map(([service]) => service);
}

/** The streams that a service listens to. */
export function streamsOf(service: ServiceName): Announcer[] {
  return [...new Set(received.get(service)?.map(({ announcedBy }) => announcedBy))];
}

async function allEvents(): Promise<EventContract[]> {
  const files = (await readdir(contracts)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort();
  const modules: Record<string, unknown>[] = await Promise.all(files.map((name) => import(join(contracts, name))));
  const all = modules.flatMap((module) => Object.values(module).filter(isEvent));
  return announcers.flatMap((announcer) => all.filter(({ announcedBy }) => announcedBy === announcer));
}

function isEvent(value: unknown): value is EventContract {
  return typeof value === 'object' && value !== null && 'announcedBy' in value;
}

/** Lists the listeners without running any, so their dependencies are never used. */
async function listenersOf(service: ServiceName): Promise<Listener[]> {
  const module: { listeners: (...parts: never[]) => Listener[] } = await import(`@box-office/${service}/listeners`);
  return module.listeners(...Array.from({ length: module.listeners.length }, () => neverUsed<never>()));
}
