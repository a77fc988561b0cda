import type { Part, Settings } from './part.ts';

/** Operations on all the processes, or on one by name. */
export function togetherAs(engines: readonly Part[], programs: readonly Part[]) {
  const parts = [...engines, ...programs];
  const part = (name: string): Part => {
    const found = parts.find((it) => it.name === name);
    if (!found) throw new Error(`there is no process ${name}; there are ${parts.map((it) => it.name).join(', ')}`);
    return found;
  };
  const all = async (some: readonly Part[], act: (part: Part) => Promise<void>) => {
    await Promise.all(some.map(act));
  };
  return {
    pids: () => Object.fromEntries(parts.flatMap((it) => pidOf(it))),
    kill: (name: string, signal?: NodeJS.Signals) => part(name).kill(signal),
    stopOne: (name: string) => part(name).stop(),
    restart: (name: string, over?: Settings) => part(name).restart(over),
    ready: (withinMs?: number) => all(parts, (it) => it.ready(withinMs)),
    async waitsFor() {
      const waiting = await Promise.all(parts.map(async (it) => [it.name, await it.waitsFor()] as const));
      return Object.fromEntries(waiting.flatMap(([name, what]) => (what === undefined ? [] : [[name, what]])));
    },
    start: () => all(parts, (it) => it.start()),
    startOne: (name: string) => part(name).start(),
    async stop() {
      await all(programs, (it) => it.stop());
      await all(engines, (it) => it.stop());
    },
  };
}

function pidOf(part: Part): [string, number][] {
  const pid = part.pid();
  return pid === undefined ? [] : [[part.name, pid]];
}
