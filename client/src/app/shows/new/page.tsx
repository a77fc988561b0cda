import type { Metadata } from 'next';
import { ShowForm } from '../../../components/show-form.tsx';
import { mustHaveAccount } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'Announce a show' };

export default page(async () => {
  await mustHaveAccount('/shows/new');
  return <ShowForm />;
});
