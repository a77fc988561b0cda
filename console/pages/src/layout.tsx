import { useEffect, useRef, useState } from 'react';
import { NavLink, Outlet, useLocation, useNavigate, useNavigationType } from 'react-router';
import type { System } from '../../src/api/system.ts';
import { useLive } from './lib/hooks.ts';
import { listenToKeys, pages } from './lib/keys.ts';
import { useDeadLetterCount, useSystem } from './lib/shared.ts';
import { KeysHelp } from './parts/keys-help.tsx';
import { LiveButton } from './parts/live-button.tsx';

/** What stands around every page: the navigation, what is live, and the keyboard. */
export function Layout() {
  const [showsKeys, setShowsKeys] = useState(false);
  const { data: system } = useSystem();
  const main = useFocusOnNewPage();
  const navigate = useNavigate();
  const live = useLive();
  useEffect(
    () =>
      listenToKeys({
        go: (path) => void navigate(path),
        help: () => setShowsKeys(true),
        pause: () => live.pause(!live.status.paused),
      }),
    [navigate, live],
  );

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="side">
        <p className="brand">
          <NavLink to="/">
            <img src="/icon.svg" alt="" width="22" height="22" /> Box Office <span>console</span>
          </NavLink>
        </p>
        <nav aria-label="Pages">
          <ul>
            {pages
              .filter(({ path }) => isThere(path, system))
              .map(({ path, name, key }) => (
                <li key={path}>
                  <NavLink to={path} end={path === '/'} title={`g ${key}`}>
                    {name}
                    <NavCount path={path} />
                  </NavLink>
                </li>
              ))}
          </ul>
        </nav>
        <div className="side-end">
          <LiveButton />
          <nav aria-label="Elsewhere">
            {system?.shop && <a href={system.shop}>Shop</a>}
            {system?.mailbox && <a href={system.mailbox}>Mailbox</a>}
            <button type="button" className="quiet" onClick={() => setShowsKeys(true)}>
              Keys <kbd>?</kbd>
            </button>
          </nav>
        </div>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        <Outlet />
      </main>
      {showsKeys && <KeysHelp close={() => setShowsKeys(false)} />}
    </>
  );
}

/** Whether the platform has what the page is about, as far as that is known. */
function isThere(path: string, system: System | undefined): boolean {
  if (path === '/sandbox') return system?.hasSandbox !== false;
  return path !== '/lab' || system?.hasLab !== false;
}

function NavCount({ path }: { readonly path: string }) {
  const { data: system } = useSystem();
  const letters = useDeadLetterCount();
  if (path === '/dead-letters' && letters !== '0')
    return (
      <span className="count bad">
        {letters}
        <span className="unseen"> to look at</span>
      </span>
    );
  const down = system?.processes.filter(({ ready }) => !ready).length ?? 0;
  if (path === '/' && down > 0)
    return (
      <span className="count warn">
        {down}
        <span className="unseen"> not ready</span>
      </span>
    );
  return null;
}

/** A page that opens has the focus, and is at its top unless it was gone back to. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const type = useNavigationType();
  const [, page = '', thing = ''] = pathname.split('/');
  // What opens beside its list is no new place.
  const place = ['events', 'dead-letters', 'lab'].includes(page) ? page : `${page}/${thing}`;
  const before = useRef(place);
  useEffect(() => {
    // On a phone the navigation is a strip that is wider than the screen.
    const strip = document.querySelector('.side > nav');
    const link = strip?.querySelector<HTMLElement>('[aria-current=page]');
    if (strip && link) strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
    if (before.current === place) return;
    before.current = place;
    main.current?.focus({ preventScroll: true });
    if (type !== 'POP') window.scrollTo(0, 0);
  }, [place, type]);
  return main;
}
