import 'server-only';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { NotHere } from '../components/not-here.tsx';
import { Outage } from '../components/outage.tsx';
import { setStatus } from './current-request.ts';
import { NotThere, Unavailable } from './gateway.ts';

const retryAfterSeconds = 5;

/**
 * A page that is always readable without JavaScript: missing data gives a 404 and unavailable data a 503, each with its
 * own text. Any other error is a bug in the shop and is left to Next.js.
 */
export function page<Props>(render: (props: Props) => Promise<ReactNode>): (props: Props) => Promise<ReactNode> {
  return async (props) => {
    try {
      return await render(props);
    } catch (error) {
      if (error instanceof NotThere) {
        setStatus(404);
        return <NotHere />;
      }
      if (error instanceof Unavailable) {
        console.error('%s', error.message, error.cause ?? '');
        setStatus(503, { 'Retry-After': `${retryAfterSeconds}` });
        return <Outage />;
      }
      throw error;
    }
  };
}

/** The title of a page that is named after its data. If the data is unavailable, the page reports that instead. */
export async function titled(read: () => Promise<string>): Promise<Metadata> {
  try {
    return { title: await read() };
  } catch (error) {
    if (error instanceof NotThere) return { title: 'Not found' };
    if (error instanceof Unavailable) return { title: 'Not available' };
    throw error;
  }
}
