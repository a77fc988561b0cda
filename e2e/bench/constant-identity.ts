import { createServer } from 'node:http';
import { createApp } from '@box-office/common/http/app';
import { route } from '@box-office/common/http/route';
import { createLogger } from '@box-office/common/telemetry/logger';
import { createMetrics } from '@box-office/common/telemetry/metrics';

/** Answers the gateway as auth does, with nothing to look up and nothing to sign, on PORT. */
const identity = route('GET /identity', {
  who: 'inside',
  summary: 'Answers a constant',
  answers: { 200: { description: 'Always', headers: { Authorization: 'The same for everybody' } } },
  async handle() {
    return { status: 200, headers: { Authorization: `Bearer ${'constant.'.repeat(30)}` } };
  },
});

const app = createApp({
  name: 'constant',
  logger: createLogger({ name: 'constant', level: 'info' }),
  metrics: createMetrics('constant'),
  routes: [identity],
  readiness: () => [],
});
createServer(app).listen(Number(process.env.PORT), '127.0.0.1');
