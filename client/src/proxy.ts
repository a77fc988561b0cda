import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { contentSecurityPolicy } from './lib/csp.ts';

const readingMethods = ['GET', 'HEAD'];

/**
 * Refuses everything but reads, and sets each page's Content-Security-Policy. Next.js takes the nonce from the request
 * header and puts it on its own scripts.
 */
export function proxy(request: NextRequest): NextResponse {
  if (!readingMethods.includes(request.method)) {
    return new NextResponse(null, { status: 405, headers: { Allow: readingMethods.join(', ') } });
  }
  const policy = contentSecurityPolicy({
    nonce: randomBytes(16).toString('base64'),
    sandboxUrl: process.env.STRIPE_SANDBOX_URL,
    development: process.env.NODE_ENV === 'development',
  });
  const headers = new Headers(request.headers);
  headers.set('Content-Security-Policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  return response;
}

// The API's documentation has a stricter policy of its own.
export const config = { matcher: '/((?!api/|_next/static|_next/image|favicon.ico|icon.svg).*)' };
