'use client';

import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

interface ConfirmProps {
  /** The text of the button, and its accessible name if the text is not enough. */
  readonly action: string;
  readonly label?: string;
  readonly look: 'quiet' | 'danger';
  readonly question: string;
  /** Explains the consequences of a yes. */
  readonly children: ReactNode;
  readonly yes: string;
  readonly no: string;
  /** Called when the button is pressed; if it returns false, nothing is asked. */
  readonly mayAsk?: () => boolean;
  /** Does it. Resolves with an error sentence, and the dialog stays open; with undefined it closes. */
  readonly onYes: () => Promise<string | undefined>;
}

/**
 * A button for what cannot be undone: it asks for confirmation first.
 *
 * The dialog is the browser's own, so it traps the focus, Escape means no, and the focus returns to the button.
 */
export function Confirm({ action, label, look, question, children, yes, no, mayAsk, onYes }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function act() {
    setBusy(true);
    setMessage('');
    const wrong = await onYes().catch(() => 'Something went wrong. Reload the page to see what was done.');
    setBusy(false);
    if (wrong) setMessage(wrong);
    else dialog.current?.close();
  }

  return (
    <>
      <Button
        look={look}
        {...(label ? { label } : {})}
        onClick={() => mayAsk?.() !== false && dialog.current?.showModal()}
      >
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

/** For the element that shows the outcome: takes the focus once `done`, because the button that had it is gone. */
export function useFocusWhen<Element extends HTMLElement>(done: boolean) {
  const ref = useRef<Element>(null);
  useEffect(() => {
    if (done) ref.current?.focus();
  }, [done]);
  return ref;
}
