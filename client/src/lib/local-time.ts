import { showThere } from './when.ts';
import { instantsAt, isKnownZone, localIn, placeOf } from './zone.ts';

export interface TypedTime {
  /** The value of an `<input type="datetime-local">`. */
  readonly typed: string;
  readonly timeZone: string;
  /** The instant that the field showed at first: unchanged, it keeps its seconds and may be in the past. */
  readonly known?: string | undefined;
  /** Times before this one are refused, if given. */
  readonly now?: Date | undefined;
}

export interface ReadTime {
  /** Null if nothing was typed, or nothing that is a time. */
  readonly instant: string | null;
  readonly fault?: string;
}

/** Parses a local time in a zone. */
export function readTime({ typed, timeZone, known, now }: TypedTime): ReadTime {
  if (!typed) return { instant: null };
  if (!isKnownZone(timeZone)) return { instant: null, fault: 'Choose the time zone where it takes place.' };
  if (known && typed === localIn(known, timeZone)) return { instant: known };
  const instants = instantsAt(typed, timeZone);
  if (!instants) return { instant: null, fault: 'Choose a day and a time, or leave it empty.' };
  if (instants.length === 0) {
    return {
      instant: null,
      fault: `There is no such time in ${placeOf(timeZone) ?? timeZone}: the clocks skip it that day. Choose an earlier or later one.`,
    };
  }
  // For a local time that occurs twice, the first occurrence that is still in the future.
  const instant = instants.find((each) => !now || Date.parse(each) > now.getTime());
  return instant ? { instant } : { instant: null, fault: 'Choose a time in the future.' };
}

/** How the platform interprets a time, shown while it is typed; undefined if it is no time yet. */
export function timeHint(local: string, timeZone: string): string | undefined {
  const [first, second] = (isKnownZone(timeZone) && instantsAt(local, timeZone)) || [];
  if (!first) return undefined;
  const there = `${showThere(first, timeZone)}.`;
  return second ? `${there} This time occurs twice that day; this is the first.` : there;
}
