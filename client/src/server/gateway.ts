import 'server-only';
import { CurrentUser, type User } from '@box-office/common/contracts/auth';
import { cookieNames } from '@box-office/common/contracts/cookies';
import { cookies } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import type { z } from 'zod';
import { signInPath } from '../lib/next-path.ts';

const patienceMs = 10_000;

export interface Read<T> {
  readonly data: T;
  readonly headers: Headers;
}

/**
 * Reads from the platform in the name of whoever looks at the page.
 *
 * What is not there becomes the not-found page, what needs a session leads to signing in and back to `path`; all else is thrown, for the error page.
 */
export async function read<T>(api: string, answer: z.ZodType<T>, path: string): Promise<Read<T>> {
  const response = await ask(api);
  if (response.status === 404) notFound();
  if (response.status === 401) redirect(signInPath(path));
  if (!response.ok) throw new Error(`GET ${api} answered ${response.status}`);
  return { data: answer.parse(await response.json()), headers: response.headers };
}

/** Like `read`, for what the page can do without: null when it is not there or cannot be had. */
export async function readIfThere<T>(api: string, answer: z.ZodType<T>): Promise<T | null> {
  const response = await ask(api).catch(() => null);
  return response?.ok ? answer.parse(await response.json()) : null;
}

/** Who looks at the page; asked once for each page. */
export const currentUser = cache(async (): Promise<User | null> => {
  if (!(await sessionToken())) return null;
  const response = await ask('/api/auth/currentuser');
  if (!response.ok) throw new Error(`GET /api/auth/currentuser answered ${response.status}`);
  return CurrentUser.parse(await response.json()).currentUser;
});

/** Leads to signing in, and back to `path`, whoever has not done so. */
export async function mustBeSignedIn(path: string): Promise<User> {
  return (await currentUser()) ?? redirect(signInPath(path));
}

async function ask(api: string): Promise<Response> {
  const token = await sessionToken();
  return fetch(new URL(api, setting('API_URL')), {
    cache: 'no-store',
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    signal: AbortSignal.timeout(patienceMs),
  });
}

async function sessionToken(): Promise<string | undefined> {
  return (await cookies()).get(cookieNames(setting('PUBLIC_ORIGIN')).session)?.value;
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
