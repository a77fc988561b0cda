import { Link } from 'react-router';
import { withParams } from '../lib/api.ts';
import { short } from '../lib/words.ts';

export const storyPath = (orderId: string): string => `/orders/${encodeURIComponent(orderId)}`;
export const tracePath = (traceId: string): string => `/traces/${encodeURIComponent(traceId)}`;
export const eventPath = (stream: string, seq: number): string => `/events/${encodeURIComponent(stream)}/${seq}`;
export const letterPath = (number: number): string => `/dead-letters/${number}`;
export const logsPath = (params: Readonly<Record<string, string | undefined>>): string => withParams('/logs', params);

export function OrderLink({ id }: { readonly id: string }) {
  return (
    <Link to={storyPath(id)} title={`The story of order ${id}`} className="id">
      {short(id)}
    </Link>
  );
}

export function TraceLink({ id }: { readonly id: string }) {
  return (
    <Link to={tracePath(id)} title={`Trace ${id}`} className="id">
      {short(id)}
    </Link>
  );
}

/** From a thing to what else is known about its order and its trace. */
export function Related({
  orderId,
  traceId,
  logs = {},
}: {
  readonly orderId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly logs?: Readonly<Record<string, string | undefined>>;
}) {
  const logsOf = traceId ? { trace: traceId } : orderId ? { order: orderId } : logs;
  return (
    <nav className="related" aria-label="Related">
      {orderId && <Link to={storyPath(orderId)}>Story of the order</Link>}
      {traceId && <Link to={tracePath(traceId)}>Trace</Link>}
      {orderId && <Link to={withParams('/events', { order: orderId })}>Events of the order</Link>}
      {Object.values(logsOf).some(Boolean) && <Link to={logsPath(logsOf)}>Log lines</Link>}
    </nav>
  );
}
