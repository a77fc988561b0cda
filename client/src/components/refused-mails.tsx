import type { RefusedMail } from '@box-office/common/contracts/mail';
import Link from 'next/link';
import { refusedInWords } from '../lib/mail-words.ts';
import { ReadersTime } from './readers-time.tsx';

interface RefusedMailsProps {
  readonly mails: readonly RefusedMail[];
  /** For a page about more than one order: links to the order of each mail that is about one. */
  readonly linksOrders?: boolean;
}

/** Tells a seller which mails about an order or a show did not reach their reader. */
export function RefusedMails({ mails, linksOrders = false }: RefusedMailsProps) {
  if (mails.length === 0) return null;
  return (
    <section className="card part" aria-labelledby="refused">
      <h2 id="refused">Mails that did not arrive</h2>
      <p>Somebody may not know this yet. If you have another way to reach them, tell them.</p>
      <ul className="kinds">
        {mails.map((mail) => (
          <li key={mail.id}>
            {refusedInWords(mail)}
            {linksOrders && mail.orderId && (
              <>
                {' '}
                <Link href={`/sales/${mail.orderId}`} prefetch={false}>
                  Its order
                </Link>
              </>
            )}
            <br />
            <span className="hint">
              <ReadersTime at={mail.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
