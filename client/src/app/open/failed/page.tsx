import type { Metadata } from 'next';
import Link from 'next/link';
import { SignOut } from '../../../components/sign-out.tsx';
import { safeNext, signInPath } from '../../../lib/next-path.ts';
import { type Query, single } from '../../../lib/query.ts';
import { currentUser } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'Link not opened' };

/** Why the link in a mail led nowhere, and what helps. */
export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const asked = await searchParams;
  const [why, to] = [single(asked.why), safeNext(single(asked.to))];
  const user = await currentUser();
  if (why === 'signed-in' && user) {
    return (
      <div className="card narrow">
        <h1>This order is not in your account</h1>
        <p>
          You are signed in as {user.email}. The link in the mail leads to an order that was made without this account.
          Sign out, and open the link again.
        </p>
        <div className="actions">
          <SignOut />
          <Link className="button button-quiet" href="/orders">
            My orders
          </Link>
        </div>
      </div>
    );
  }
  if (why === 'later') {
    return (
      <div className="card narrow">
        <h1>That did not work</h1>
        <p>The shop could not open the link. Open it again in a moment.</p>
      </div>
    );
  }
  return (
    <div className="card narrow">
      <h1>This link does not work</h1>
      <p>
        It may be incomplete or too old. Use the link in a newer mail about the order, or sign in with the address that
        the mail was sent to.
      </p>
      <div className="actions">
        <Link className="button" href={signInPath(to)}>
          Sign in
        </Link>
      </div>
    </div>
  );
});
