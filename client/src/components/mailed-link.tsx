'use client';

import { EmailAddress } from '@box-office/common/contracts/email-address';
import type { LinkPurpose } from '@box-office/common/contracts/people';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { handOver } from '../browser/hand-over.ts';
import { Button } from './button.tsx';
import { useFocusWhen } from './confirm.tsx';
import { FormMessage } from './fields.tsx';

interface MailedLinkProps {
  readonly purpose: LinkPurpose;
  readonly email: string;
  readonly action: string;
  /** Where somebody who signs in by the link goes, if they open it in this browser: a path on this site. */
  readonly next?: string;
}

/** A button that has a link mailed to an address that is typed elsewhere. Never tells whether it has an account. */
export function MailedLink({ purpose, email, action, next }: MailedLinkProps) {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const [sentTo, setSentTo] = useState('');
  const outcome = useFocusWhen<HTMLParagraphElement>(sentTo !== '');

  async function send() {
    setMessage('');
    const read = EmailAddress.safeParse(email);
    if (!read.success) return setMessage('Enter your e-mail address above.');
    setBusy(true);
    const answer = await call('POST', '/api/auth/links', { purpose, email: read.data });
    setBusy(false);
    if (!answer.ok) return setMessage(answer.fault.detail);
    if (next) handOver(next);
    setSentTo(read.data);
  }

  return (
    <>
      <p ref={outcome} role="status" tabIndex={-1} className={sentTo ? 'message message-good' : undefined}>
        {sentTo && linkSent(sentTo)}
      </p>
      <FormMessage>{message}</FormMessage>
      <Button look="quiet" busy={busy} onClick={() => void send()}>
        {sentTo ? 'Mail another link' : action}
      </Button>
    </>
  );
}

/** The same whether the address is known or not. */
export const linkSent = (email: string): string =>
  `If ${email} is known here, a mail with a link is on its way. The link works for 10 minutes.`;
