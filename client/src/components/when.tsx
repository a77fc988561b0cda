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

interface TimeFactProps {
  readonly name: 'Starts' | 'Ends';
  /** Nothing is shown without it. */
  readonly at: string | null | undefined;
  readonly timeZone: string | undefined;
}

/** When something starts or ends, in a list of facts. */
export function TimeFact({ name, at, timeZone }: TimeFactProps) {
  if (!at) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <When at={at} timeZone={timeZone} />
      </dd>
    </>
  );
}
