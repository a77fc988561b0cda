import { useNow } from '../lib/hooks.ts';
import { clock, span } from '../lib/words.ts';

/** When something was, in the local time zone; the full instant as its title. */
export function Clock({ at, ms = false }: { readonly at: string; readonly ms?: boolean }) {
  const now = useNow();
  return (
    <time dateTime={at} title={at} className="clock">
      {clock(Date.parse(at), now, ms)}
    </time>
  );
}

/** How long ago something was, or in how long it will be; `bare` leaves out `ago` and `in`. */
export function Age({ at, bare = false }: { readonly at: string; readonly bare?: boolean }) {
  const now = useNow();
  const past = now - Date.parse(at);
  const text =
    past < -999 ? (bare ? span(past) : `in ${span(past)}`) : `${span(Math.max(0, past))}${bare ? '' : ' ago'}`;
  return (
    <time dateTime={at} title={at} className="age">
      {text}
    </time>
  );
}
