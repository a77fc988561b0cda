import { asksForTelemetry } from '@box-office/common/telemetry/start';
import type { Metadata, Viewport } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { SiteHeader } from '../components/site-header.tsx';
import { currentUser } from '../server/gateway.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Box Office', template: '%s · Box Office' },
  description: 'Tickets from people who cannot go, for people who can.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default async function Layout({ children }: { readonly children: ReactNode }) {
  // If the user cannot be read, the header is shown without one; each page reports the outage itself.
  const user = await currentUser().catch(() => null);
  return (
    <html lang="en" data-traced={asksForTelemetry(process.env) ? 'yes' : undefined}>
      <body>
        <a className="skip" href="#content">
          Skip to the content
        </a>
        <SiteHeader user={user} />
        <noscript>
          <p className="message message-warn site-note">
            Without JavaScript you can look at everything here. Signing in, selling, reserving and paying need
            JavaScript.
          </p>
        </noscript>
        <main id="content" tabIndex={-1}>
          {children}
        </main>
        <footer className="site-footer">
          <p>Box Office holds a reserved ticket for you until the time on your order runs out.</p>
          <Link href="/api/docs" prefetch={false}>
            API
          </Link>
        </footer>
      </body>
    </html>
  );
}
