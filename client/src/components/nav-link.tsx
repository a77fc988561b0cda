'use client';

import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

/** A header link that shows whether its page is open or loading. */
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
