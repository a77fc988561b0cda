'use client';

import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

interface ConfirmProps {
  /** The words on the button that asks, and what is read out where the words alone do not say what they are about. */
  readonly action: string;
  readonly label?: string;
  readonly look: 'quiet' | 'danger';
  readonly question: string;
  /** What follows from a yes. */
  readonly children: ReactNode;
  readonly yes: string;
  readonly no: string;
  /** Does it. Resolves with what went wrong, in a sentence; the dialog then stays. With undefined it closes. */
  readonly onYes: () => Promise<string | undefined>;
}

/**
 * A button for what cannot be undone: asks first, and does it on a yes.
 *
 * The dialog is the browser's own, so the keyboard stays inside it, Escape is a no, and the focus comes back to the button.
 */
export function Confirm({ action, label, look, question, children, yes, no, onYes }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function act() {
    setBusy(true);
    setMessage('');
    const wrong = await onYes().catch(() => 'Something went wrong. Load the page again to see what was done.');
    setBusy(false);
    if (wrong) setMessage(wrong);
    else dialog.current?.close();
  }

  return (
    <>
      <Button look={look} {...(label ? { label } : {})} onClick={() => dialog.current?.showModal()}>
        {action}
      </Button>
      <dialog ref={dialog} aria-labelledby={heading} className="card" onClose={() => setMessage('')}>
        <h2 id={heading}>{question}</h2>
        <p>{children}</p>
        <FormMessage>{message}</FormMessage>
        <div className="actions">
          <Button look="quiet" onClick={() => dialog.current?.close()}>
            {no}
          </Button>
          <Button look="danger" busy={busy} onClick={() => void act()}>
            {yes}
          </Button>
        </div>
      </dialog>
    </>
  );
}

/** For the element that says what became of it: takes the focus once `done`, because the button that had it is gone. */
export function useFocusWhen<Element extends HTMLElement>(done: boolean) {
  const ref = useRef<Element>(null);
  useEffect(() => {
    if (done) ref.current?.focus();
  }, [done]);
  return ref;
}
