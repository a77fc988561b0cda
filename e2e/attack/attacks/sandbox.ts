import type { Attack } from '../attack.ts';

const controls = [
  ['GET', 'state'],
  ['GET', 'faults'],
  ['PUT', 'faults'],
  ['PATCH', 'faults'],
  ['DELETE', 'faults'],
  ['POST', 'clock'],
  ['PUT', 'webhooks'],
  ['POST', 'webhooks/redeliver'],
  ['POST', 'disputes'],
  ['POST', 'disputes/du_1'],
  ['POST', 'refunds/re_1'],
  ['POST', 'authenticate/pi_1'],
  ['GET', 'authenticate/pi_1'],
] as const;

/** The controls of the Stripe sandbox, which browsers reach too, because they send their cards there. */
export const sandbox: Attack = {
  name: 'sandbox',
  promise: 'the sandbox lets nobody move money or lose webhooks without its secret key',
  async run({ shop }) {
    const { url, publishableKey } = shop.platform.stripe;
    const faults: string[] = [];
    for (const [method, path] of controls) {
      for (const authorization of ['', `Bearer ${publishableKey}`, 'Bearer sk_test_sandbox', 'Bearer']) {
        const { status } = await fetch(new URL(`/sandbox/${path}`, url), { method, headers: { authorization } });
        if (status !== 401) faults.push(`${method} /sandbox/${path} with "${authorization}" was answered ${status}`);
      }
    }
    return { tried: controls.length * 4, faults };
  },
};
