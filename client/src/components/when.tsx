import { showThere } from '../lib/when.ts';

interface WhenProps {
  readonly at: string;
  /** The zone that it takes place in, if known. */
  readonly timeZone: string | undefined;
}

/** When something takes place, in local time there. */
export function When({ at, timeZone }: WhenProps) {
  return <time dateTime={at}>{showThere(at, timeZone)}</time>;
}
