'use client';

import type { Session } from '@box-office/common/contracts/auth';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { AccountPart } from './account-part.tsx';
import { Button } from './button.tsx';
import { useFocusWhen } from './confirm.tsx';
import { FormMessage } from './fields.tsx';
import { ReadersTime } from './readers-time.tsx';

/** Where somebody is signed in, and how to end that. */
export function SessionList({ sessions }: { readonly sessions: readonly Session[] }) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const [done, setDone] = useState('');
  const [, together] = useTransition();
  const outcome = useFocusWhen<HTMLParagraphElement>(done !== '');
  const others = sessions.filter(({ current }) => !current);

  async function end(path: string, words: string) {
    setBusy(true);
    setMessage('');
    setDone('');
    const ended = await call('DELETE', path);
    setBusy(false);
    // It may have ended by itself, or in another tab.
    if (ended.ok || ended.fault.status === 404)
      together(() => {
        setDone(words);
        router.refresh();
      });
    else if (ended.fault.status === 401) goSignIn();
    else setMessage(ended.fault.detail);
  }

  return (
    <AccountPart id="sessions" heading="Where you are signed in">
      <ul className="kinds">
        {sessions.map(({ id, device, network, usedAt, current }) => (
          <li key={id} className="kind-row">
            <span>
              <span className="kind-name">{device}</span>
              <br />
              <span className="hint">
                {network}, last used <ReadersTime at={usedAt} />
              </span>
            </span>
            {current ? (
              <span className="badge">This device</span>
            ) : (
              <Button
                look="quiet"
                busy={busy}
                label={`Sign out ${device}`}
                onClick={() => void end(`/api/auth/sessions/${id}`, 'That device is signed out.')}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      <FormMessage>{message}</FormMessage>
      <p ref={outcome} role="status" tabIndex={-1} className={done ? 'message message-good' : undefined}>
        {done}
      </p>
      {others.length > 1 && (
        <Button
          look="quiet"
          busy={busy}
          onClick={() => void end('/api/auth/sessions', 'All other devices are signed out.')}
        >
          Sign out all others
        </Button>
      )}
    </AccountPart>
  );
}
