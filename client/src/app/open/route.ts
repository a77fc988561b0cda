import type { NextRequest } from 'next/server';
import { safeNext } from '../../lib/next-path.ts';
import { faultOf } from '../../lib/problem.ts';
import { post, Unavailable } from '../../server/gateway.ts';

/**
 * The link in a guest's mails: signs the browser in as the guest whose key it is, and leads to what the mail is about.
 * A redirect needs no JavaScript, and leaves the key neither in the address bar nor in a referrer.
 */
export async function GET({ nextUrl: { searchParams } }: NextRequest): Promise<Response> {
  const to = safeNext(searchParams.get('to'));
  try {
    const opened = await post('/api/auth/guest/open', { key: searchParams.get('key') ?? '' });
    if (opened.ok) return goTo(to, opened.headers.getSetCookie());
    return goTo(failed(opened.status, await opened.json().catch(() => undefined), to));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error('%s', error.message, error.cause ?? '');
    return goTo(failed(503, undefined, to));
  }
}

function failed(status: number, body: unknown, to: string): string {
  const { code } = faultOf(status, body);
  const why = code === 'already-signed-in' ? 'signed-in' : status === 429 || status >= 500 ? 'later' : 'old';
  return `/open/failed?${new URLSearchParams({ why, to })}`;
}

function goTo(path: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ Location: path, 'Cache-Control': 'no-store' });
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  return new Response(null, { status: 303, headers });
}
