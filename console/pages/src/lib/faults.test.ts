import { isOn, namesOn, type Switch, switches, turned } from './faults.ts';

const named = (id: string): Switch => {
  const found = switches.find((it) => it.id === id);
  if (!found) throw new Error(`no switch ${id}`);
  return found;
};

/** As the sandbox answers: everything has a value. */
const off = { seed: 1, down: false, loseWebhooks: {}, repeatWebhooks: { times: 1 }, delayWebhooksMs: 0 };

describe('the switches of the sandbox', () => {
  it('are off when the sandbox does nothing wrong', () => {
    expect(switches.filter((it) => isOn(it, off))).toEqual([]);
  });

  it('are on once turned, and leave the other faults as they are', () => {
    const faults = turned(named('down'), turned(named('repeat'), off, true), true);
    expect(switches.filter((it) => isOn(it, faults)).map(({ id }) => id)).toEqual(['repeat', 'down']);
    expect(namesOn(faults)).toEqual(['Send every webhook twice', 'Stripe is down']);
    expect(turned(named('down'), faults, false)).not.toHaveProperty('down');
    expect(isOn(named('repeat'), turned(named('down'), faults, false))).toBe(true);
  });

  it('are off again when the count of a fault is used up', () => {
    expect(isOn(named('loseNext'), { ...off, loseWebhooks: { next: 0 } })).toBe(false);
  });
});
