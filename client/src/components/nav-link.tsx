'use client';

import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

/** A link of the header that shows when its page is open, and when it is on its way. */
export function NavLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const here = usePathname() === href;
  return (
    <Link href={href} className="nav-link" aria-current={here ? 'page' : undefined}>
      <Label>{children}</Label>
    </Link>
  );
}

function Label({ children }: { readonly children: ReactNode }) {
  const { pending } = useLinkStatus();
  return <span className={pending ? 'pending' : undefined}>{children}</span>;
}
