import { LinkPurpose } from '@box-office/common/contracts/people';
import type { Metadata } from 'next';
import { LinkForm } from '../../components/link-form.tsx';
import { type Query, single } from '../../lib/query.ts';
import { page } from '../../server/page.tsx';

// The address holds a secret until the page has taken it over.
export const metadata: Metadata = { title: 'Link from a mail', referrer: 'no-referrer' };

/**
 * Where the links of our mails lead. Opening one does nothing yet, because mail scanners open links too: it takes a
 * button.
 */
export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const asked = await searchParams;
  const purpose = LinkPurpose.safeParse(single(asked.purpose));
  const token = single(asked.token);
  if (!purpose.success || !token) {
    return (
      <div className="card narrow">
        <h1>This link is incomplete</h1>
        <p>Open the link in the mail again, or copy all of it.</p>
      </div>
    );
  }
  return <LinkForm purpose={purpose.data} token={token} />;
});
