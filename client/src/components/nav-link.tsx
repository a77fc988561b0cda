'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

/** A link of the header that shows when its page is open. */
export function NavLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const here = usePathname() === href;
  return (
    <Link href={href} className="nav-link" aria-current={here ? 'page' : undefined}>
      {children}
    </Link>
  );
}
