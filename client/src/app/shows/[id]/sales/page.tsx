import { Sales, ShowAnswer } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import Link from 'next/link';
import { SalesByDay, SalesByKind } from '../../../../components/sales-tables.tsx';
import { placeOf } from '../../../../lib/zone.ts';
import { idIn, mustBeSignedIn, NotThere, read } from '../../../../server/gateway.ts';
import { page } from '../../../../server/page.tsx';

export const metadata: Metadata = { title: 'Sales' };

export default page(async ({ params }: { readonly params: Promise<{ readonly id: string }> }) => {
  const path = `/shows/${idIn(await params)}`;
  const user = await mustBeSignedIn(`${path}/sales`);
  const { data: show } = await read(`/api${path}`, ShowAnswer, `${path}/sales`);
  if (show.userId !== user.id) throw new NotThere(`the sales of ${path} are not for ${user.id}`);
  const { data: sales } = await read(`/api${path}/sales`, Sales, `${path}/sales`);
  return (
    <div className="card">
      <p className="muted">
        <Link href={path}>
          <bdi>{show.title}</bdi>
        </Link>
      </p>
      <h1>Sales</h1>
      <SalesByKind sales={sales} />
      <h2>By day</h2>
      {sales.days.length > 0 ? (
        <>
          <p className="hint">Days in {placeOf(sales.timeZone) ?? sales.timeZone}.</p>
          <SalesByDay sales={sales} />
        </>
      ) : (
        <p>Nothing is sold yet.</p>
      )}
      <div className="actions">
        <Link className="button" href={`${path}/orders`}>
          Orders and refunds
        </Link>
        <a className="button button-quiet" href={`/api${path}/sales.csv`} download>
          Kinds as CSV
        </a>
        <a className="button button-quiet" href={`/api${path}/sales.csv?by=day`} download>
          Days as CSV
        </a>
      </div>
    </div>
  );
});
