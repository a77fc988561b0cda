import type { User } from '@box-office/common/contracts/auth';
import Link from 'next/link';
import { NavLink } from './nav-link.tsx';
import { SignOut } from './sign-out.tsx';

export function SiteHeader({ user }: { readonly user: User | null }) {
  const isPerson = user?.kind === 'person';
  return (
    <header className="site-header">
      <Link className="brand" href="/">
        Box Office
      </Link>
      <nav aria-label="Main">
        <NavLink href="/tickets/new">Sell a ticket</NavLink>
        <NavLink href="/shows/new">Announce a show</NavLink>
        {user && <NavLink href="/orders">My orders</NavLink>}
        {isPerson ? (
          <NavLink href="/sales">My sales</NavLink>
        ) : (
          <>
            <NavLink href="/signin">Sign in</NavLink>
            <NavLink href="/signup">Sign up</NavLink>
          </>
        )}
      </nav>
      {user && (
        <div className="account">
          <Link className="who" href="/account" title={user.email}>
            {isPerson ? user.email : `Guest: ${user.name ?? user.email}`}
          </Link>
          <SignOut />
        </div>
      )}
    </header>
  );
}
