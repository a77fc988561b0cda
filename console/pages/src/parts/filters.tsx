import { type ReactNode, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useParam } from '../lib/hooks.ts';

/** Whoever types should not cause a question for each letter. */
const settledMs = 250;

export function Filters({ children, names }: { readonly children: ReactNode; readonly names: readonly string[] }) {
  const [params, setParams] = useSearchParams();
  const isFiltered = names.some((name) => params.get(name));
  return (
    <search className="filters">
      {children}
      <button type="button" className="quiet" disabled={!isFiltered} onClick={() => setParams({}, { replace: true })}>
        Clear
      </button>
    </search>
  );
}

interface TextProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly type?: 'text' | 'search' | 'number';
  readonly suggestions?: readonly string[];
}

/** A text that is part of the address once the user has stopped typing. */
export function TextFilter({ name, label, placeholder = label, type = 'text', suggestions = [] }: TextProps) {
  const [value, set] = useParam(name);
  const [text, setText] = useState(value);
  // The address has it without the blanks at its ends, which may be those before the next word.
  useEffect(() => setText((typed) => (typed.trim() === value ? typed : value)), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => set(text.trim()), settledMs);
    return () => clearTimeout(timer);
  }, [text, value, set]);
  const list = suggestions.length > 0 ? `${name}-suggestions` : undefined;
  return (
    <label className={`filter ${type}`}>
      <span className="unseen">{label}</span>
      <input
        type={type}
        value={text}
        placeholder={placeholder}
        list={list}
        autoComplete="off"
        spellCheck={false}
        min={type === 'number' ? 0 : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && set(text.trim())}
      />
      {type === 'search' && <span className="slash">/</span>}
      {list && (
        <datalist id={list}>
          {suggestions.map((it) => (
            <option key={it} value={it} />
          ))}
        </datalist>
      )}
    </label>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly all: string;
  readonly options: readonly (string | readonly [value: string, text: string])[];
}

export function ChoiceFilter({ name, label, all, options }: ChoiceProps) {
  const [value, set] = useParam(name);
  const pairs = options.map((it) => (typeof it === 'string' ? ([it, it] as const) : it));
  const isKnown = value === '' || pairs.some(([known]) => known === value);
  return (
    <label className="filter choice">
      <span className="unseen">{label}</span>
      <select value={value} onChange={(event) => set(event.target.value)}>
        <option value="">{all}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {pairs.map(([known, text]) => (
          <option key={known} value={known}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

export function SwitchFilter({ name, label }: { readonly name: string; readonly label: string }) {
  const [value, set] = useParam(name);
  return (
    <label className="filter switch">
      <input type="checkbox" checked={value !== ''} onChange={(event) => set(event.target.checked ? 'true' : '')} />
      {label}
    </label>
  );
}
