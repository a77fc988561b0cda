import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { SignUpForm } from '../../components/sign-up-form.tsx';
import { safeNext } from '../../lib/next-path.ts';
import { type Query, single } from '../../lib/query.ts';
import { currentUser } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'Sign up' };

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const next = safeNext(single((await searchParams).next));
  // A guest may have an account as well.
  if ((await currentUser())?.kind === 'person') redirect(next);
  return <SignUpForm next={next} />;
});
