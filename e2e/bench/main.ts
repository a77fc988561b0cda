import { commandLine } from '@box-office/common/command';
import { benchBacklog } from './backlog.ts';
import { benchExpiration } from './expiration.ts';
import { benchIdentity } from './identity.ts';
import { benchIdle } from './idle.ts';
import { benchPlatform } from './platform.ts';
import { benchPoison } from './poison.ts';
import { benchSale } from './sale.ts';
import { benchTelemetry } from './telemetry.ts';

const { values, positive } = commandLine({
  name: 'npm run bench',
  does: 'measures speed and memory against the targets in docs/measurements.md',
  options: {
    samples: { value: 'NUMBER', default: '300', does: 'how often each path through the platform is measured' },
    backlog: { value: 'NUMBER', does: 'instead: with so many events that wait in outboxes' },
    'per-aggregate': { value: 'LIST', default: '1,10', does: 'of these, so many in one outbox; one run each' },
    mongo: { value: 'URL', does: 'with a database server that runs already' },
    idle: { does: 'instead: what publishing an event adds to a command, on an idle machine' },
    identity: { does: 'instead: what the exchange of a session for an identity costs a request' },
    poison: { does: 'instead: with messages that no listener can handle' },
    sale: { does: 'instead: what a purchase costs, and how many there can be in a second' },
    telemetry: { does: 'instead: what it costs a purchase that every process records spans' },
    purchases: { value: 'NUMBER', default: '400', does: 'with --sale or --telemetry: how many tickets are bought' },
    units: { value: 'NUMBER', default: '5000', does: 'with --sale: how many tickets the show has' },
    buyers: { value: 'NUMBER', default: '20000', does: 'with --sale: how often somebody wants tickets of it' },
    expiration: { value: 'LIST', does: 'instead: with so many timers that wait, such as 1000,10000; one run each' },
  },
});
const samples = positive('samples', values.samples);
const numbers = (list: string) => list.split(',').map(Number);

if (values.backlog) await benchBacklog(Number(values.backlog), numbers(values['per-aggregate']), values.mongo);
if (values.idle) await benchIdle(samples);
if (values.identity) await benchIdentity(samples);
if (values.poison) await benchPoison();
if (values.expiration) await benchExpiration(numbers(values.expiration));
if (values.sale)
  await benchSale({
    purchases: positive('purchases', values.purchases),
    units: positive('units', values.units),
    buyers: positive('buyers', values.buyers),
  });
if (values.telemetry) await benchTelemetry(positive('purchases', values.purchases));
const { backlog, sale, telemetry, idle, identity, poison, expiration } = values;
if (!(backlog || sale || telemetry || idle || identity || poison || expiration)) await benchPlatform(samples);
