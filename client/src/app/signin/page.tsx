import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { SignInForm } from '../../components/sign-in-form.tsx';
import { safeNext } from '../../lib/next-path.ts';
import { type Query, single } from '../../lib/query.ts';
import { currentUser } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const asked = await searchParams;
  const next = safeNext(single(asked.next));
  // A guest may have an account as well.
  if ((await currentUser())?.kind === 'person') redirect(next);
  return <SignInForm next={next} hasEnded={single(asked.ended) === '1'} />;
});
