/** The pages in the order of the navigation, each with the letter that follows `g`. */
export const pages = [
  { path: '/', name: 'Overview', key: 'o' },
  { path: '/orders', name: 'Orders', key: 'r' },
  { path: '/events', name: 'Events', key: 'e' },
  { path: '/streams', name: 'Streams', key: 's' },
  { path: '/dead-letters', name: 'Dead letters', key: 'd' },
  { path: '/traces', name: 'Traces', key: 't' },
  { path: '/logs', name: 'Logs', key: 'l' },
  { path: '/metrics', name: 'Metrics', key: 'm' },
  { path: '/sandbox', name: 'Sandbox', key: 'b' },
  { path: '/lab', name: 'Failure lab', key: 'f' },
] as const;

export interface KeyActions {
  go(path: string): void;
  help(): void;
  pause(): void;
}

/** How long after `g` a letter still names a page. */
const chordMs = 1_200;

/** What the keyboard does everywhere. Links of lists have the attribute `data-row`. Returns what ends it. */
export function listenToKeys({ go, help, pause }: KeyActions): () => void {
  let goingSince = 0;

  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Escape' && isTyping(event.target)) event.target.blur();
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const page = pages.find(({ key }) => key === event.key);
    const wasGoing = Date.now() - goingSince < chordMs;
    goingSince = 0;
    if (wasGoing && page) go(page.path);
    else if (event.key === 'g') goingSince = Date.now();
    else if (event.key === '/') document.querySelector<HTMLInputElement>('input[type=search]')?.select();
    else if (event.key === 'j') moveBy(1);
    else if (event.key === 'k') moveBy(-1);
    else if (event.key === 'p') pause();
    else if (event.key === '?') help();
    else return;
    event.preventDefault();
  }

  document.addEventListener('keydown', pressed);
  return () => document.removeEventListener('keydown', pressed);
}

function isTyping(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');
}

function moveBy(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')].filter((it) => it.offsetParent);
  const focused = document.activeElement?.closest('tr, li, article') ?? document.activeElement;
  const at = rows.findIndex((row) => row === focused || focused?.contains(row));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
