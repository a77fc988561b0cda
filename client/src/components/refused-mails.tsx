import type { RefusedMail } from '@box-office/common/contracts/mail';
import { refusedInWords } from '../lib/mail-words.ts';
import { ReadersTime } from './readers-time.tsx';

/** Tells a seller which mails about an order did not reach their reader. */
export function RefusedMails({ mails }: { readonly mails: readonly RefusedMail[] }) {
  if (mails.length === 0) return null;
  return (
    <section className="card part" aria-labelledby="refused">
      <h2 id="refused">Mails that did not arrive</h2>
      <p>Somebody may not know this yet. If you have another way to reach them, tell them.</p>
      <ul className="kinds">
        {mails.map((mail) => (
          <li key={mail.id}>
            {refusedInWords(mail)}
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
