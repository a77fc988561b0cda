import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

interface BadgeProps {
  readonly tone?: Tone;
  readonly title?: string | undefined;
  readonly children: ReactNode;
}

export function Badge({ tone = 'plain', title, children }: BadgeProps) {
  return (
    <span className={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

const tones: Readonly<Record<string, Tone>> = {
  created: 'info',
  'awaiting:payment': 'info',
  complete: 'good',
  cancelled: 'plain',
};
const names: Readonly<Record<string, string>> = { 'awaiting:payment': 'awaiting payment' };
const meanings: Readonly<Record<string, string>> = {
  created: 'The tickets are held for the buyer, who has not paid yet',
  'awaiting:payment': 'The bank has reserved the money, which is being taken now',
  complete: 'The money was taken, and the tickets are the buyer’s',
  cancelled: 'Nothing is held any more; nothing was taken, or it is given back',
};

/** The status of an order. */
export function OrderStatus({ status, isWaiting = false }: { readonly status: string; readonly isWaiting?: boolean }) {
  return (
    <Badge tone={isWaiting ? 'warn' : (tones[status] ?? 'plain')} title={meanings[status]}>
      {names[status] ?? status}
    </Badge>
  );
}

/** A round sign with its meaning as text for those who do not see its colour. */
export function Dot({ tone, label }: { readonly tone: Tone; readonly label?: string }) {
  return <span className={`dot ${tone}`}>{label && <span className="unseen">{label}</span>}</span>;
}

const hues = [
  ...['auth', 'tickets', 'orders', 'payments', 'expiration', 'mail'],
  ...['gateway', 'stripe', 'client', 'console', 'nats', 'mongo'],
];
const sameAs: Readonly<Record<string, string>> = {
  'stripe-sandbox': 'stripe',
  sandbox: 'stripe',
  traefik: 'gateway',
  shop: 'client',
  buyer: 'client',
};

/** The CSS colour of a service, of each of its replicas, and of who else takes part. */
export function hueOf(name: string): string {
  const sum = [...serviceIn(name)].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return knownHueOf(name) ?? `var(--hue-${sum % hues.length})`;
}

/** The colour that nobody else has; undefined for who is none of the services. */
export function knownHueOf(name: string): string | undefined {
  const service = serviceIn(name);
  const known = hues.indexOf(sameAs[service] ?? service);
  return known < 0 ? undefined : `var(--hue-${known})`;
}

const serviceIn = (name: string): string => name.replace(/-\d+$/, '');

export function Service({ name }: { readonly name: string }) {
  return (
    <span className="service">
      <span className="swatch" style={{ background: hueOf(name) }} />
      {name}
    </span>
  );
}
