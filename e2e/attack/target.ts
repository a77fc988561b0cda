import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import { localSecrets, type Secrets } from '@box-office/local/secrets';
import { served } from '../../services.ts';
import type { Deal } from '../prove/crowd/forbidden.ts';
import { type Guest, openShop, type Person, type Shop } from '../support/shop.ts';

/** A whole platform, a sale that is under way in it, and everything an attacker might have stolen. */
export interface Target {
  readonly shop: Shop;
  /** The gateway's port on 127.0.0.1. */
  readonly port: number;
  /** The ports of the services themselves, by name. */
  readonly servicePorts: Readonly<Record<string, number>>;
  readonly secrets: Secrets;
  readonly deal: Deal & { readonly order: Order; readonly kindId: string };
  readonly stranger: Person;
  /** Who gave the buyer's address, which is not proved. */
  readonly guest: Guest;
  end(): Promise<void>;
}

/** The header by which an answer of the shop's pages is recognized. */
export const pageHeader = 'x-page';

/** Auth with limits that stop no attack before what it is aimed at is reached. */
export const patientAuth = {
  SIGNUPS_PER_ADDRESS: '10000',
  SIGNIN_FAILURES_PER_ADDRESS: '1000000',
  SIGNIN_FAILURES_PER_ACCOUNT: '1000000',
  LINKS_PER_ADDRESS: '1000000',
  LINKS_PER_ACCOUNT: '1000000',
  GUESTS_PER_ADDRESS: '1000000',
  GUESTS_PER_ACCOUNT: '1000000',
};
const settings = {
  auth: patientAuth,
  tickets: { WRITES_PER_MINUTE: '1000000' },
  orders: { WRITES_PER_MINUTE: '1000000', MAX_LIVE_ORDERS: '0', MAX_UNPAID_PER_DAY: '0' },
  payments: { WRITES_PER_MINUTE: '1000000' },
};

export async function openTarget(): Promise<Target> {
  // Its pages say nothing but that they are pages: what matters is whether a request gets to them.
  const pages = createServer((_req, res) => res.setHeader(pageHeader, 'yes').end('<!doctype html><title>Shop</title>'));
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  const shop = await openShop({ client: { at }, env: settings }).catch((error: unknown) => {
    pages.close();
    throw error;
  });
  const end = async () => {
    await shop.end();
    pages.close();
    pages.closeAllConnections();
  };
  try {
    const { addresses } = shop.platform;
    const [seller, buyer, stranger] = [await shop.person(), await shop.person(), await shop.person()];
    const guest = await shop.guest(buyer.email);
    const ticket = await shop.sell(seller, { title: 'The attacked opera' });
    await shop.known(ticket);
    const show = await shop.announce(seller);
    const { body: order, status } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
    if (status !== 201) throw new Error(`ordering was answered ${status}`);
    return {
      shop,
      port: portOf(addresses.traefik),
      servicePorts: Object.fromEntries(served.map((name) => [name, portOf(addresses[name])])),
      secrets: await localSecrets(join(shop.dir, 'secrets.json')),
      deal: {
        ticketId: ticket.id,
        showId: show.id,
        orderId: order.id,
        seller,
        buyer,
        order,
        kindId: show.kinds[0]?.id ?? '',
      },
      stranger,
      guest,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function portOf(url: string | undefined): number {
  return Number(new URL(url ?? '').port);
}
