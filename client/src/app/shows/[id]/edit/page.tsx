import { ShowAnswer } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { ShowForm } from '../../../../components/show-form.tsx';
import { idIn, mustBeSignedIn, read } from '../../../../server/gateway.ts';
import { page } from '../../../../server/page.tsx';

export const metadata: Metadata = { title: 'Edit your show' };

export default page(async ({ params }: { readonly params: Promise<{ readonly id: string }> }) => {
  const path = `/shows/${idIn(await params)}`;
  const [user, { data: show }] = await Promise.all([
    mustBeSignedIn(`${path}/edit`),
    read(`/api${path}`, ShowAnswer, `${path}/edit`),
  ]);
  // The show's page explains why it cannot be edited.
  if (show.userId !== user.id || show.state === 'cancelled' || show.over) redirect(path);
  return <ShowForm show={show} />;
});
