import type { NextRequest } from 'next/server';
import { safeNext } from '../../lib/next-path.ts';
import { type Fault, faultOf } from '../../lib/problem.ts';
import { post, Unavailable } from '../../server/gateway.ts';
import { comingFrom } from './coming-from.ts';
import { questionPage } from './question.ts';

/**
 * The link in a guest's mails: signs the browser in as the guest whose key it is, and leads to what the mail is about.
 * A redirect needs no JavaScript, and leaves the key neither in the address bar nor in a referrer. A visitor whom
 * another site leads here is asked first, unless the browser is that guest's already: otherwise the site could have its
 * visitors buy tickets as a guest of its own.
 */
export async function GET({ nextUrl: { searchParams }, headers }: NextRequest): Promise<Response> {
  const [key, to] = [searchParams.get('key') ?? '', safeNext(searchParams.get('to'))];
  try {
    const opened = await post('/api/auth/guest/open', { key }, comingFrom(headers));
    if (opened.ok) return goTo(to, opened.headers.getSetCookie());
    const fault = faultOf(opened.status, await opened.json().catch(() => undefined));
    if (fault.code !== 'cross-origin') return goTo(failed(fault, to));
    return page(questionPage({ whose: fault.detail, link: `/open?${new URLSearchParams({ key, to })}` }));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error('%s', error.message, error.cause ?? '');
    return goTo(failed(faultOf(503, undefined), to));
  }
}

function failed({ status, code }: Fault, to: string): string {
  const why = code === 'already-signed-in' ? 'signed-in' : status === 429 || status >= 500 ? 'later' : 'old';
  return `/open/failed?${new URLSearchParams({ why, to })}`;
}

function goTo(path: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ Location: path, 'Cache-Control': 'no-store' });
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  return new Response(null, { status: 303, headers });
}

const page = (html: string): Response =>
  new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' } });
