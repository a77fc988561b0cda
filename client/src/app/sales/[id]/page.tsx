import { RefusedMail } from '@box-office/common/contracts/mail';
import { SoldOrder } from '@box-office/common/contracts/orders';
import type { Metadata } from 'next';
import { RefusedMails } from '../../../components/refused-mails.tsx';
import { SaleView } from '../../../components/sale-view.tsx';
import { idIn, mustBeSignedIn, read, readIfThere } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'Sale' };

export default page(async ({ params }: { readonly params: Promise<{ readonly id: string }> }) => {
  const id = idIn(await params);
  await mustBeSignedIn(`/sales/${id}`);
  const { data: order } = await read(`/api/orders/sold/${id}`, SoldOrder, `/sales/${id}`);
  const refused = await readIfThere(`/api/mail/refused?orderId=${id}&limit=20`, RefusedMail.array());
  return (
    <>
      <RefusedMails mails={refused ?? []} />
      <SaleView first={order} />
    </>
  );
});
