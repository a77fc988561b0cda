import { databaseUrl } from '@box-office/local/service-env';
import { type Addresses, type Books, openBooks } from '@box-office/ops/audit/books';
import type { Shop } from './shop.ts';

/** Where the audit of this shop finds what it compares. */
export function booksOf({ platform }: Shop): Addresses & { readonly stripeUrl: string } {
  const url = (service: string) => databaseUrl(platform.addresses.mongo ?? '', service);
  return {
    tickets: url('tickets'),
    orders: url('orders'),
    payments: url('payments'),
    stripeKey: platform.stripe.secretKey,
    stripeUrl: platform.addresses.stripe ?? '',
  };
}

export async function withBooks<Result>(shop: Shop, use: (books: Books) => Promise<Result>): Promise<Result> {
  const books = await openBooks(booksOf(shop));
  try {
    return await use(books);
  } finally {
    await books.close();
  }
}
