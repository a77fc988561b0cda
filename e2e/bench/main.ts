import { parseArgs } from 'node:util';
import { benchBacklog } from './backlog.ts';
import { benchExpiration } from './expiration.ts';
import { benchIdle } from './idle.ts';
import { benchPlatform } from './platform.ts';
import { benchPoison } from './poison.ts';

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '300' },
    /** So many events wait in outboxes. */
    backlog: { type: 'string' },
    /** Of these, so many in one outbox: `1,10`, one run each. */
    'per-aggregate': { type: 'string', default: '1,10' },
    /** With a database server that runs already. */
    mongo: { type: 'string' },
    idle: { type: 'boolean' },
    poison: { type: 'boolean' },
    /** So many timers wait: `1000,10000`, one run each. */
    expiration: { type: 'string' },
  },
});
const samples = Number(values.samples);
const numbers = (list: string) => list.split(',').map(Number);

if (values.backlog) await benchBacklog(Number(values.backlog), numbers(values['per-aggregate']), values.mongo);
if (values.idle) await benchIdle(samples);
if (values.poison) await benchPoison();
if (values.expiration) await benchExpiration(numbers(values.expiration));
if (!values.backlog && !values.idle && !values.poison && !values.expiration) await benchPlatform(samples);
