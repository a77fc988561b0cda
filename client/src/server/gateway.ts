import 'server-only';
import { CurrentUser, type User } from '@box-office/common/contracts/auth';
import { cookieNames } from '@box-office/common/contracts/cookies';
import { Id } from '@box-office/common/contracts/primitives';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { z } from 'zod';
import { signInPath } from '../lib/next-path.ts';
import { withinRequest } from './current-request.ts';

const patienceMs = 10_000;

export interface Read<T> {
  readonly data: T;
  readonly headers: Headers;
}

/** It does not exist, or not for this user. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

/** The platform did not answer, or not with something that a page can show. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/**
 * Reads from the platform on behalf of the page's user. If a session is needed, redirects to sign-in and back to
 * `path`.
 *
 * @throws {NotThere} also if the platform refuses the address, for example because of an invalid cursor
 * @throws {Unavailable}
 */
export async function read<T>(api: string, answer: z.ZodType<T>, path: string): Promise<Read<T>> {
  const response = await ask(api);
  if (response.status === 401) return toSignIn(path);
  if ([400, 404, 414].includes(response.status)) throw new NotThere(`GET ${api} answered ${response.status}`);
  return { data: await parsed(response, api, answer), headers: response.headers };
}

/**
 * The id in a page's address.
 *
 * @throws {NotThere} if it is not an id, without asking the user to sign in first
 */
export function idIn({ id }: { readonly id: string }): string {
  const read = Id.safeParse(id);
  if (!read.success) throw new NotThere(`${id} is not an id`);
  return read.data;
}

/** Like `read`, for data that the page can do without: null if it does not exist or is unavailable. */
export async function readIfThere<T>(api: string, answer: z.ZodType<T>): Promise<T | null> {
  try {
    return await parsed(await ask(api), api, answer);
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}

/** The page's user; read once per page. */
export const currentUser = cache(async (): Promise<User | null> => {
  if (!(await sessionToken())) return null;
  const api = '/api/auth/currentuser';
  return (await parsed(await ask(api), api, CurrentUser)).currentUser;
});

/** Redirects a user who is not signed in to sign-in, and back to `path`. */
export async function mustBeSignedIn(path: string): Promise<User> {
  return (await currentUser()) ?? toSignIn(path);
}

/** A browser that still has a session's token was signed in until now. */
async function toSignIn(path: string): Promise<never> {
  const ended = (await sessionToken()) !== undefined;
  redirect(signInPath(path, { ended }));
}

/** The same for what guests cannot do, such as selling. */
export async function mustHaveAccount(path: string): Promise<User> {
  const user = await currentUser();
  if (user?.kind === 'person') return user;
  return user ? redirect(signInPath(path)) : toSignIn(path);
}

/**
 * Changes something on behalf of the page's visitor, in whose browser the answer's cookies belong.
 *
 * @param more Headers beside those that every such request has
 * @throws {Unavailable} if there is no answer
 */
export async function post(api: string, body: object, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const [token, asked] = await Promise.all([sessionToken(), headers()]);
  const passedOn = ['user-agent', 'accept-language'].flatMap((name) => {
    const value = asked.get(name);
    return value ? [[name, value]] : [];
  });
  return send('POST', api, {
    body: JSON.stringify(body),
    headers: {
      ...Object.fromEntries(passedOn),
      ...more,
      'Content-Type': 'application/json',
      ...(token ? { Cookie: `${sessionCookie()}=${token}` } : {}),
    },
  });
}

async function ask(api: string): Promise<Response> {
  const token = await sessionToken();
  return send('GET', api, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

async function send(method: 'GET' | 'POST', api: string, init: RequestInit): Promise<Response> {
  const url = new URL(api, setting('API_URL'));
  try {
    return await withinRequest(
      async () =>
        await fetch(url, {
          ...init,
          method,
          cache: 'no-store',
          // The session goes to the gateway and nowhere else.
          redirect: 'error',
          signal: AbortSignal.timeout(patienceMs),
        }),
    );
  } catch (cause) {
    throw new Unavailable(`${method} ${api} was not answered`, { cause });
  }
}

async function parsed<T>(response: Response, api: string, answer: z.ZodType<T>): Promise<T> {
  if (!response.ok) throw new Unavailable(`GET ${api} answered ${response.status}`);
  try {
    return answer.parse(await response.json());
  } catch (cause) {
    throw new Unavailable(`GET ${api} answered what the page cannot read`, { cause });
  }
}

const sessionCookie = (): string => cookieNames(setting('PUBLIC_ORIGIN')).session;

/** A cookie that is not a token counts as none: a cookie may contain characters that are not allowed in a header. */
async function sessionToken(): Promise<string | undefined> {
  const token = (await cookies()).get(sessionCookie())?.value;
  return token && /^[\w-]{43}$/.test(token) ? token : undefined;
}

const settings = {
  API_URL: 'the address of the gateway',
  PUBLIC_ORIGIN: 'the origin where people open the shop, the same as for auth',
};

function setting(name: keyof typeof settings): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ${settings[name]}`);
  return value;
}
