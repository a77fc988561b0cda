import { asksForTelemetry } from '@box-office/common/telemetry/start';
import type { NextRequest } from 'next/server';
import { takeClick } from '../../server/clicks.ts';

export const dynamic = 'force-dynamic';

/** Takes what a page says of a click, where telemetry is on. See `Click` for why this is a GET. */
export function GET({ nextUrl: { searchParams }, headers }: NextRequest): Response {
  if (!asksForTelemetry(process.env)) return new Response(null, { status: 404 });
  const isOurs = ['same-origin', null].includes(headers.get('sec-fetch-site'));
  const isTaken = isOurs && takeClick(Object.fromEntries(searchParams), new Date());
  return new Response(null, { status: isTaken ? 204 : 400, headers: { 'Cache-Control': 'no-store' } });
}
