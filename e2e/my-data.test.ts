import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cookieNames } from '@box-office/common/contracts/cookies';
import { eventually } from '@box-office/common/testing/eventually';
import { planBuiltClient } from '@box-office/local/plans';
import { freePort } from '@box-office/local/ports';
import type { Engine } from '@box-office/local/starting';
import { loopback } from '@box-office/local/where';
import { builtShop } from './support/built-shop.ts';

const noStripe = { secretKey: '', publishableKey: '', webhookSecret: '' };

describe('the file with what is stored about somebody', () => {
  let shop: Engine;
  let url: string;
  /** What the gateway answers to everything. */
  let status: number;
  const gateway = createServer((_, answer) => {
    answer.writeHead(status).end();
  });

  beforeAll(async () => {
    const { builtIn } = await builtShop();
    await once(gateway.listen(0, loopback), 'listening');
    const gatewayUrl = `http://${loopback}:${(gateway.address() as AddressInfo).port}`;
    url = `http://${loopback}:${await freePort()}`;
    const where = { host: loopback, shownHost: 'localhost', gatewayUrl, publicOrigin: url };
    const plan = planBuiltClient({ name: 'client', url, logs: undefined }, builtIn, where, noStripe);
    shop = await plan.start({});
    await eventually(async () => expect(await plan.waitsFor()).toBeUndefined());
  }, 900_000);

  afterAll(async () => {
    await shop?.stop();
    gateway.close();
  });

  const ask = () => {
    const cookie = `${cookieNames(url).session}=${'a'.repeat(43)}`;
    return fetch(`${url}/account/data`, { headers: { cookie }, redirect: 'manual' });
  };

  it('is refused in words while those who know are away', async () => {
    status = 503;
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).toBe('Your data cannot be read at the moment. Please try again.\n');
  });

  it('is for somebody who is signed in', async () => {
    status = 401;
    const answer = await ask();
    expect([answer.status, answer.headers.get('location')]).toEqual([307, '/signin?next=%2Faccount&ended=1']);
  });
});
