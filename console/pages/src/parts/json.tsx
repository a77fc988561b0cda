import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { storyPath, tracePath } from './links.tsx';

interface JsonProps {
  readonly value: unknown;
  readonly label: string;
  /** Whether `id` at the top is that of an order. */
  readonly isOrder?: boolean;
}

/** A value as JSON with colours, in which ids of orders and traces are links. */
export function Json({ value, label, isOrder = false }: JsonProps) {
  return (
    <section className="json" aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
      <pre tabIndex={0}>{typeof value === 'string' ? value : written(value, '', isOrder ? 'orderId' : '')}</pre>
    </section>
  );
}

function written(value: unknown, indent: string, idMeans: string): ReactNode {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return wrapped(
      '[',
      ']',
      indent,
      value.map((it: unknown) => written(it, `${indent}  `, '')),
    );
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, it]) => (
      <>
        <span className="json-key">{JSON.stringify(key)}</span>:{' '}
        {linked(key === 'id' && idMeans ? idMeans : key, it) ??
          written(it, `${indent}  `, key === 'order' ? 'orderId' : '')}
      </>
    ));
    return wrapped('{', '}', indent, lines);
  }
  const kind = typeof value === 'string' ? 'json-text' : 'json-plain';
  return <span className={kind}>{JSON.stringify(value) ?? 'undefined'}</span>;
}

function wrapped(open: string, close: string, indent: string, lines: readonly ReactNode[]): ReactNode {
  return (
    <>
      {open}
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a value that is shown is never sorted or edited
        <span key={at}>
          {`\n${indent}  `}
          {line}
          {at < lines.length - 1 && ','}
        </span>
      ))}
      {`\n${indent}${close}`}
    </>
  );
}

function linked(key: string, value: unknown): ReactNode {
  const first: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof first !== 'string') return undefined;
  const [, traceId] = /^traceparent$/i.test(key) ? (/^00-([0-9a-f]{32})-/.exec(first) ?? []) : [];
  const to = traceId
    ? tracePath(traceId)
    : /^(orderId|order_id)$/.test(key)
      ? storyPath(first)
      : /^traceId|trace_id$/.test(key)
        ? tracePath(first)
        : undefined;
  return to && <Link to={to}>{JSON.stringify(first)}</Link>;
}
