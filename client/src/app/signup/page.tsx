import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { AccountForm } from '../../components/account-form.tsx';
import { safeNext } from '../../lib/next-path.ts';
import { type Query, single } from '../../lib/query.ts';
import { currentUser } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'Sign up' };

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const next = safeNext(single((await searchParams).next));
  if (await currentUser()) redirect(next);
  return <AccountForm kind="signup" next={next} />;
});
