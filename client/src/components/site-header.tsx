import Link from 'next/link';
import { NavLink } from './nav-link.tsx';
import { SignOut } from './sign-out.tsx';

export function SiteHeader({ email }: { readonly email: string | null }) {
  return (
    <header className="site-header">
      <Link className="brand" href="/">
        Box Office
      </Link>
      <nav aria-label="Main">
        <NavLink href="/tickets/new">Sell a ticket</NavLink>
        <NavLink href="/shows/new">Announce a show</NavLink>
        {email ? (
          <>
            <NavLink href="/orders">My orders</NavLink>
            <NavLink href="/sales">My sales</NavLink>
          </>
        ) : (
          <>
            <NavLink href="/signin">Sign in</NavLink>
            <NavLink href="/signup">Sign up</NavLink>
          </>
        )}
      </nav>
      {email && (
        <div className="account">
          <span className="who" title={email}>
            {email}
          </span>
          <SignOut />
        </div>
      )}
    </header>
  );
}
