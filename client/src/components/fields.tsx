import type { InputHTMLAttributes, ReactNode, RefObject, SelectHTMLAttributes, TextareaHTMLAttributes } from 'react';

interface Labelled {
  readonly label: string;
  readonly name: string;
  readonly error?: string | undefined;
  readonly hint?: string;
}

type InputProps = Labelled &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'name' | 'id'> & { readonly ref?: RefObject<HTMLInputElement | null> };

export function Field({ label, name, error, hint, ...input }: InputProps) {
  return (
    <Row label={label} name={name} error={error} hint={hint}>
      <input
        id={name}
        name={name}
        dir={isProse(input.type) ? 'auto' : undefined}
        {...input}
        {...described(name, error, hint)}
      />
    </Row>
  );
}

/** Text that people write, in any script. */
const isProse = (type = 'text'): boolean => type === 'text';

type SelectProps = Labelled & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'name' | 'id'>;

export function SelectField({ label, name, error, hint, children, ...select }: SelectProps) {
  return (
    <Row label={label} name={name} error={error} hint={hint}>
      <select id={name} name={name} {...select} {...described(name, error, hint)}>
        {children}
      </select>
    </Row>
  );
}

type TextProps = Labelled & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'name' | 'id'>;

/** A field of several lines. */
export function TextField({ label, name, error, hint, ...area }: TextProps) {
  return (
    <Row label={label} name={name} error={error} hint={hint}>
      <textarea id={name} name={name} dir="auto" {...area} {...described(name, error, hint)} />
    </Row>
  );
}

interface RowProps {
  readonly label: string;
  readonly name: string;
  readonly error: string | undefined;
  readonly hint: string | undefined;
  readonly children: ReactNode;
}

function Row({ label, name, error, hint, children }: RowProps) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      {children}
      {hint && (
        <p className="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

function described(name: string, error: string | undefined, hint: string | undefined) {
  const by = [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(' ');
  return { 'aria-invalid': error ? true : undefined, 'aria-describedby': by || undefined };
}

export function FormMessage({ children }: { readonly children: ReactNode }) {
  if (!children) return null;
  return (
    <p role="alert" tabIndex={-1} className="message message-bad">
      {children}
    </p>
  );
}
