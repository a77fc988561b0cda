import { z } from 'zod';
import type { Route } from './route.ts';

export const Live = z.object({ live: z.literal(true) });
export const Readiness = z.object({
  ready: z.boolean(),
  waitingFor: z.array(z.string()).describe('What it cannot work without and has not got'),
});

/** What every service answers, for whoever runs it. */
export const health: readonly Route[] = [
  {
    method: 'get',
    path: '/healthz/live',
    summary: 'Whether the process runs',
    asker: 'inside',
    answers: { 200: { says: 'It does', body: Live } },
  },
  {
    method: 'get',
    path: '/healthz/ready',
    summary: 'Whether it can do its work, and what it waits for',
    asker: 'inside',
    answers: { 200: { says: 'It can', body: Readiness }, 503: { says: 'Not yet', body: Readiness } },
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Measurements for Prometheus',
    asker: 'inside',
    answers: { 200: { says: 'In the text format of Prometheus', body: z.string(), mediaType: 'text/plain' } },
  },
];
