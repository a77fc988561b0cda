import { connectBus } from '@box-office/common/messaging/bus';
import { headers } from '@nats-io/transport-node';
import { onTheBus } from '../../../services.ts';
import {
  calls,
  heardBy,
  heardByOthers,
  permittedCalls,
  permittedTo,
  subjectsOfOthers,
} from '../../support/bus-user.ts';
import type { Attack } from '../attack.ts';

/** Nothing here is tried again. */
const withinMs = 20_000;

/** What a stolen seed is good for, and what can be done without one. */
export const bus: Attack = {
  name: 'bus',
  promise: 'on NATS a service can do only what is its own, and nobody else can do anything',
  async run({ shop, secrets, deal }) {
    const url = shop.platform.addresses.nats ?? '';
    const faults: string[] = [];
    let tried = 0;
    for (const name of onTheBus) {
      const own = permittedCalls(name);
      const foreign = [...calls.filter((it) => !own.includes(it)), ...subjectsOfOthers(name)];
      const connect = () => connectBus(url, name, { seed: secrets.natsSeeds[name], withinMs });
      for (const it of await permittedTo(await connect(), foreign)) faults.push(`${name} may publish to ${it}`);
      const unheard = heardByOthers(name);
      for (const it of await heardBy(await connect(), unheard)) faults.push(`${name} may listen to ${it}`);
      tried += foreign.length + unheard.length;
    }
    tried++;
    const anonymous = await connectBus(url, 'nobody', { withinMs }).catch(() => undefined);
    if (anonymous) {
      faults.push('somebody without a key is let in');
      const captured = headers();
      captured.set('ce-type', 'payment.captured');
      captured.set('ce-id', 'forged');
      const subject = `payments.${deal.orderId}.captured`;
      const forging = anonymous.js.publish(subject, '{}', { headers: captured, timeout: 1_000 });
      if (
        await forging.then(
          () => true,
          () => false,
        )
      )
        faults.push(`somebody without a key announced ${subject}`);
      await anonymous.connection.close();
    }
    return { tried, faults };
  },
};
