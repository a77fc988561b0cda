export interface Switch {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  /** The faults that it stands for. */
  readonly on: Readonly<Record<string, unknown>>;
}

/** The faults of the sandbox that people try most, as switches. */
export const switches: readonly Switch[] = [
  {
    id: 'loseNext',
    name: 'Lose the next webhook',
    what: 'Stripe takes the payment, and its message about that never comes.',
    on: { loseWebhooks: { next: 1 } },
  },
  {
    id: 'loseAll',
    name: 'Lose every webhook',
    what: 'Until it is switched off.',
    on: { loseWebhooks: { probability: 1 } },
  },
  {
    id: 'repeat',
    name: 'Send every webhook twice',
    what: 'Again after it was confirmed, as Stripe may do.',
    on: { repeatWebhooks: { probability: 1, times: 1 } },
  },
  {
    id: 'reorder',
    name: 'Reorder webhooks',
    what: 'Each is held back until a later one was delivered, or for 2 s.',
    on: { reorderWebhooks: { probability: 1 } },
  },
  { id: 'delay', name: 'Delay webhooks by 20 s', what: 'Before their first try.', on: { delayWebhooksMs: 20_000 } },
  {
    id: 'slow',
    name: 'Answer 3 s late',
    what: 'Every request has its effect, and its answer comes late.',
    on: { delayRepliesMs: 3_000 },
  },
  {
    id: 'drop',
    name: 'Cut the next answer off',
    what: 'The effect happens, and the caller never hears of it.',
    on: { dropReplies: { next: 1 } },
  },
  {
    id: 'fail',
    name: 'Fail half of all requests',
    what: 'They are answered 503, without an effect.',
    on: { failRequests: { probability: 0.5, status: 503 } },
  },
  {
    id: 'refuse',
    name: 'Refuse the next capture',
    what: 'The bank declines when the money is taken.',
    on: { refuseCaptures: { next: 1 } },
  },
  { id: 'empty', name: 'Empty the balance', what: 'Refunds have to wait.', on: { emptyBalance: true } },
  { id: 'down', name: 'Stripe is down', what: 'Every request is cut off, and no webhook is sent.', on: { down: true } },
];

type Faults = Readonly<Record<string, unknown>>;

/** Whether all that a switch stands for is in these faults; a count that is used up is off. */
export function isOn({ on }: Switch, faults: Faults): boolean {
  return contains(faults, on);
}

function contains(value: unknown, part: unknown): boolean {
  if (!isRecord(part)) return value === part;
  return isRecord(value) && Object.entries(part).every(([name, it]) => contains(value[name], it));
}

const isRecord = (value: unknown): value is Faults =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the switches that are on are called. */
export const namesOn = (faults: Faults): string[] => switches.filter((it) => isOn(it, faults)).map(({ name }) => name);

/** All faults after the switch was turned; those that it does not name stay as they are. */
export function turned({ on }: Switch, faults: Faults, wanted: boolean): Faults {
  const others = Object.entries(faults).filter(([name]) => !(name in on));
  return { ...Object.fromEntries(others), ...(wanted ? on : {}) };
}
