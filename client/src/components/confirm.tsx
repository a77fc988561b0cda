'use client';

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
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
  /** What has to be filled in first. */
  readonly fields?: ReactNode;
  readonly yes: string;
  /** The default is that of what cannot be undone. */
  readonly yesLook?: 'main' | 'danger';
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
export function Confirm({
  action,
  label,
  look,
  question,
  children,
  fields,
  yes,
  yesLook = 'danger',
  no,
  mayAsk,
  onYes,
}: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function act() {
    setBusy(true);
    setMessage('');
    const wrong = await onYes().catch(() => 'Something went wrong. Reload the page to see what was done.');
    setBusy(false);
    if (!wrong) return dialog.current?.close();
    setMessage(wrong);
    dialog.current?.querySelector('input')?.focus();
  }

  /** As in a form, which cannot be here: this may be part of one. */
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (!busy) void act();
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
      <dialog
        ref={dialog}
        aria-labelledby={heading}
        className="card"
        onKeyDown={onKeyDown}
        onClose={() => setMessage('')}
      >
        <h2 id={heading}>{question}</h2>
        <p>{children}</p>
        {fields}
        <FormMessage>{message}</FormMessage>
        <div className="actions">
          <Button look="quiet" onClick={() => dialog.current?.close()}>
            {no}
          </Button>
          <Button look={yesLook} busy={busy} onClick={() => void act()}>
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
