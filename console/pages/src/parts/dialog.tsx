import { type ReactNode, useEffect, useId, useRef } from 'react';

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  close(): void;
}

/** A modal dialog that is there as long as it is rendered; Escape and a click beside it close it. */
export function Dialog({ title, children, close }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const opener = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way is Escape
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onClose={close}
      onClick={(event) => event.target === ref.current && close()}
    >
      <div className="dialog-body">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps extends DialogProps {
  /** What the button says that does it. */
  readonly action: string;
  readonly isDangerous?: boolean;
  confirm(): void;
}

export function Confirm({ title, children, action, isDangerous = false, confirm, close }: ConfirmProps) {
  return (
    <Dialog title={title} close={close}>
      {children}
      <div className="actions">
        <button type="button" className={isDangerous ? 'primary danger' : 'primary'} onClick={confirm}>
          {action}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
