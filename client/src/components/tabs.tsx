'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

interface TabsProps {
  readonly label: string;
  readonly pages: readonly { readonly href: string; readonly name: string }[];
}

/** Links between pages that belong together, with the open one marked. */
function Tabs({ label, pages }: TabsProps) {
  const here = usePathname();
  return (
    <nav aria-label={label} className="tabs">
      {pages.map(({ href, name }) => (
        <Link key={href} href={href} className="tab" aria-current={here === href ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** What everybody can buy. */
export const BuyTabs = () => (
  <Tabs
    label="On sale"
    pages={[
      { href: '/', name: 'Single tickets' },
      { href: '/shows', name: 'Shows' },
    ]}
  />
);

/** What somebody has bought or wants to buy. */
export const OrderTabs = () => (
  <Tabs
    label="My orders"
    pages={[
      { href: '/orders', name: 'Orders' },
      { href: '/waiting-list', name: 'Waiting list' },
    ]}
  />
);

/** What somebody sells. */
export const SellTabs = () => (
  <Tabs
    label="My sales"
    pages={[
      { href: '/sales', name: 'Single tickets' },
      { href: '/shows/mine', name: 'My shows' },
    ]}
  />
);
