import { members } from './members.ts';

describe('the processes that a name stands for', () => {
  const known = [
    { name: 'nats', kind: 'engine', url: 'tls://nats:4222' },
    { name: 'orders', service: 'orders', kind: 'service', url: 'http://console-orders:3000', replicas: true },
  ] as const;

  it('are seen one by one, and keep their numbers while others come and go', async () => {
    let addresses: readonly string[] = ['10.0.0.1', '10.0.0.2'];
    const { list, look } = members(known, async (host) => (host === 'console-orders' ? addresses : []));
    const seen = async () => {
      await look();
      return list().map(({ name, url }) => `${name} ${url}`);
    };
    const nats = 'nats tls://nats:4222';
    expect(await seen()).toEqual([nats, 'orders-1 http://10.0.0.1:3000', 'orders-2 http://10.0.0.2:3000']);
    addresses = ['10.0.0.0', '10.0.0.2'];
    expect(await seen()).toEqual([nats, 'orders-1 http://10.0.0.0:3000', 'orders-2 http://10.0.0.2:3000']);
    addresses = ['10.0.0.2', 'fd00::1', 'fd00::2'];
    expect(await seen()).toEqual([
      nats,
      'orders-1 http://[fd00::1]:3000',
      'orders-2 http://10.0.0.2:3000',
      'orders-3 http://[fd00::2]:3000',
    ]);
    addresses = ['10.0.0.2'];
    expect(await seen()).toEqual([nats, 'orders-2 http://10.0.0.2:3000']);
  });

  it('are the name itself where there is none', async () => {
    const { list, look } = members(known, () => Promise.reject(new Error('ENOTFOUND')));
    await look();
    expect(list()).toEqual(known);
  });
});
