import type { SandboxState } from '@box-office/stripe-sandbox/control';
import type { FaultSettings } from '@box-office/stripe-sandbox/faults';
import { asked } from './asked.ts';
import type { LabPlatform } from './platform.ts';
import type { Undoing } from './undoing.ts';

/** Everything that can be broken in a platform. */
export interface Harm {
  /** What Stripe knows: its side of everything. */
  sandbox(): Promise<SandboxState>;
  /** Switches these faults of the sandbox on while `work` runs, and then back to those that were on before. */
  withFaults<Result>(faults: FaultSettings, work: () => Promise<Result>): Promise<Result>;
  /** Sends an event to payments once more, whether it was confirmed or not. */
  redeliver(eventId: string): Promise<void>;
  /** All processes of the platform, as they run now. */
  pids(): Readonly<Record<string, number>>;
  /** @throws when it does not run, or not on this machine */
  pid(name: string): number;
  /** kill -9. The platform starts it again by itself. */
  kill(name: string): void;
  /** Stops a process, which then answers nobody and notices nothing, while `work` runs. */
  whileHanging<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

export function harmTo({ stripe, pids }: LabPlatform, undoing: Undoing): Harm {
  const atSandbox = <Body>(path: string, method = 'GET', body?: object) =>
    asked<Body>(new URL(path, stripe.url), {
      method,
      headers: { authorization: `Bearer ${stripe.secretKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const sandbox = () => atSandbox<SandboxState>('/sandbox/state');

  const pid = (name: string): number => {
    const found = pids()[name];
    if (found === undefined) throw new Error(`There is no process ${name} of this platform on this machine.`);
    return found;
  };

  return {
    sandbox,
    pids,
    pid,

    async withFaults(faults, work) {
      const { faults: before } = await sandbox();
      const whole = await undoing.first({ faults: before, ...stripe });
      try {
        await atSandbox('/sandbox/faults', 'PUT', faults);
        return await work();
      } finally {
        await atSandbox('/sandbox/faults', 'PUT', before);
        await whole();
      }
    },

    async redeliver(eventId) {
      await atSandbox('/sandbox/webhooks/redeliver', 'POST', { eventId });
    },

    kill: (name) => void process.kill(pid(name), 'SIGKILL'),

    async whileHanging(name, work) {
      const stopped = pid(name);
      const whole = await undoing.first({ pid: stopped });
      try {
        process.kill(stopped, 'SIGSTOP');
        return await work();
      } finally {
        try {
          // Another may have taken its place.
          if (pids()[name] === stopped) process.kill(stopped, 'SIGCONT');
        } catch {
          // It was killed meanwhile.
        }
        await whole();
      }
    },
  };
}
