import 'server-only';
import { CurrentUser, type User } from '@box-office/common/contracts/auth';
import { cookieNames } from '@box-office/common/contracts/cookies';
import { Id } from '@box-office/common/contracts/primitives';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { z } from 'zod';
import { signInPath } from '../lib/next-path.ts';

const patienceMs = 10_000;

export interface Read<T> {
  readonly data: T;
  readonly headers: Headers;
}

/** There is no such thing, or not for whoever looks. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

/** The platform did not answer, or not with what a page can show. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/**
 * Reads from the platform in the name of whoever looks at the page. What needs a session leads to signing in and back to `path`.
 *
 * @throws {NotThere} also when the address holds what the platform refuses to read, such as a cursor that is none
 * @throws {Unavailable}
 */
export async function read<T>(api: string, answer: z.ZodType<T>, path: string): Promise<Read<T>> {
  const response = await ask(api);
  if (response.status === 401) redirect(signInPath(path));
  if ([400, 404, 414].includes(response.status)) throw new NotThere(`GET ${api} answered ${response.status}`);
  return { data: await parsed(response, api, answer), headers: response.headers };
}

/**
 * The id in a page's address.
 *
 * @throws {NotThere} when it is none: no need to sign in to learn that
 */
export function idIn({ id }: { readonly id: string }): string {
  const read = Id.safeParse(id);
  if (!read.success) throw new NotThere(`${id} is no id`);
  return read.data;
}

/** Like `read`, for what the page can do without: null when it is not there or cannot be had. */
export async function readIfThere<T>(api: string, answer: z.ZodType<T>): Promise<T | null> {
  try {
    return await parsed(await ask(api), api, answer);
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}

/** Who looks at the page; asked once for each page. */
export const currentUser = cache(async (): Promise<User | null> => {
  if (!(await sessionToken())) return null;
  const api = '/api/auth/currentuser';
  return (await parsed(await ask(api), api, CurrentUser)).currentUser;
});

/** Leads to signing in, and back to `path`, whoever has not done so. */
export async function mustBeSignedIn(path: string): Promise<User> {
  return (await currentUser()) ?? redirect(signInPath(path));
}

async function ask(api: string): Promise<Response> {
  const token = await sessionToken();
  const url = new URL(api, setting('API_URL'));
  try {
    return await fetch(url, {
      cache: 'no-store',
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch (cause) {
    throw new Unavailable(`GET ${api} was not answered`, { cause });
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

/** A cookie that is no token of ours counts as none: not everything that a cookie can hold may stand in a header. */
async function sessionToken(): Promise<string | undefined> {
  const token = (await cookies()).get(cookieNames(setting('PUBLIC_ORIGIN')).session)?.value;
  return token && /^[\w-]{43}$/.test(token) ? token : undefined;
}

const settings = {
  API_URL: 'the address of the gateway',
  PUBLIC_ORIGIN: 'where people open the shop, as auth has it',
};

function setting(name: keyof typeof settings): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ${settings[name]}`);
  return value;
}
