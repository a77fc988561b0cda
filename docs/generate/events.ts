import type { EventContract } from '@box-office/common/contracts/event';
import type { Listener } from '@box-office/common/messaging/listener';
import { type Announcer, announcers, type ServiceName, services } from '../../services.ts';
import { neverUsed } from './never-used.ts';

/** Every event, service by service. */
export const events: readonly EventContract[] = (await Promise.all(announcers.map(contractsOf))).flat();

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

async function contractsOf(announcer: Announcer): Promise<EventContract[]> {
  const contracts: Record<string, unknown> = await import(`@box-office/common/contracts/${announcer}`);
  return Object.values(contracts).filter(isEvent);
}

function isEvent(value: unknown): value is EventContract {
  return typeof value === 'object' && value !== null && 'announcedBy' in value;
}

/** Lists the listeners without running any, so their dependencies are never used. */
async function listenersOf(service: ServiceName): Promise<Listener[]> {
  const module: { listeners: (...parts: never[]) => Listener[] } = await import(`@box-office/${service}/listeners`);
  return module.listeners(...Array.from({ length: module.listeners.length }, () => neverUsed<never>()));
}
