import type { Metadata } from 'next';
import { ForgotForm } from '../../components/forgot-form.tsx';
import { safeNext } from '../../lib/next-path.ts';
import { type Query, single } from '../../lib/query.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'Forgot your password?' };

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => (
  <ForgotForm next={safeNext(single((await searchParams).next))} />
));
