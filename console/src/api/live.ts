import type { DeadLetter } from './dead-letters.ts';
import type { Event } from './events.ts';
import type { LogLine } from './logs.ts';
import type { Chart } from './metrics.ts';
import type { Stream } from './streams.ts';
import type { Process } from './system.ts';
import type { TraceLine } from './traces.ts';

/**
 * `GET /api/live`, server-sent events: the name of each is a key of this type, its `data` one value as JSON. `?only=`
 * names the wanted ones, with commas. At most ten of a name a second; `skipped` counts those left out.
 */
export interface Live {
  /** After a change of any. */
  readonly processes: readonly Process[];
  readonly streams: readonly Stream[];
  readonly event: Event;
  readonly 'dead-letter': DeadLetter;
  /** A dead letter that was retried or discarded, by its number. */
  readonly 'dead-letter-gone': { readonly number: number };
  readonly log: LogLine;
  readonly trace: TraceLine;
  /** The newest point of each series. */
  readonly metrics: readonly Chart[];
  /** A situation of the lab whose run began, went on or ended. */
  readonly lab: { readonly name: string };
  /** An order that was made or has changed. */
  readonly order: { readonly id: string };
  readonly skipped: Readonly<Partial<Record<'event' | 'log' | 'trace' | 'order', number>>>;
}
