import type { Books } from './books.ts';
import { copyViews } from './copies.ts';
import { endedViews } from './ended.ts';
import { holderView } from './holders.ts';
import { holdView } from './holds.ts';
import { moneyViews } from './money.ts';
import { oddIdViews } from './odd-ids.ts';
import { recordedMoneyView } from './recorded-money.ts';
import { unitHoldView } from './unit-holds.ts';
import type { View } from './view.ts';
import { waitingView } from './waiting.ts';

/**
 * Everything that is stored in two places. The tickets' view of orders comes first: repairing it changes the ticket,
 * which others copy. The last ones find the documents that no other view can pair.
 */
export const everything = (books: Books): View[] => [
  holdView(books),
  unitHoldView(books),
  holderView(books),
  ...copyViews(books),
  ...moneyViews(books),
  recordedMoneyView(books),
  ...endedViews(books),
  waitingView(books),
  ...oddIdViews(books),
];
