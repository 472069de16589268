import {
  EMPTY_BOOK,
  NO_ORDERS,
  type Order,
  type OrderBook,
  type OrderProgress,
  placeOrder,
  placeRepairs,
} from '../core/orders.ts';
import type { EpochMs } from '../core/time.ts';
import type { Window } from '../core/window.ts';
import type { Ledger, Orders } from '../ports/ledger.ts';

/** Each lost compare-and-set found another writer: with a handful of writers a few tries do. */
const TRIES = 10;

export interface OrderPorts {
  readonly orders: Orders;
  readonly ledger: Pick<Ledger, 'load'>;
}

/** What is ordered of an account, and how far its poller is with it. */
export const readOrders = async (
  account: string,
  { orders, ledger }: OrderPorts,
): Promise<{ book: OrderBook; version: number; progress: OrderProgress }> => {
  const [stored, state] = await Promise.all([orders.load(account), ledger.load(account)]);
  return {
    book: stored?.value ?? EMPTY_BOOK,
    version: stored?.version ?? 0,
    progress: state?.value.orders ?? NO_ORDERS,
  };
};

const change = async <T>(
  account: string,
  ports: OrderPorts,
  alter: (book: OrderBook, progress: OrderProgress) => { book: OrderBook; result: T },
): Promise<T> => {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { book, version, progress } = await readOrders(account, ports);
    const altered = alter(book, progress);
    if ((await ports.orders.save(account, altered.book, version)) !== 'conflict') return altered.result;
  }
  throw new Error('the book of orders changed at every try');
};

/** Orders windows of an account; its next tick takes them up. Done ones are dropped from the book on the way. */
export const placeOrders = (
  account: string,
  wanted: readonly Omit<Order, 'id'>[],
  ports: OrderPorts,
): Promise<number[]> =>
  change(account, ports, (book, progress) => {
    const result: number[] = [];
    let next = book;
    for (const order of wanted) {
      const placed = placeOrder(next, progress, order);
      next = placed.book;
      result.push(placed.id);
    }
    return { book: next, result };
  });

/** Orders windows to be read and sent again. @returns how many of them are owed now */
export const orderRepairs = (
  account: string,
  windows: readonly Window[],
  orderedAt: EpochMs,
  ports: OrderPorts,
): Promise<number> =>
  change(account, ports, (before, progress) => {
    const { book, owed } = placeRepairs(before, progress, windows, orderedAt);
    return { book, result: owed };
  });

/** Cancels orders: what was read of them stays read. */
export const cancelOrders = (account: string, ids: readonly number[], ports: OrderPorts): Promise<void> =>
  change(account, ports, (book) => ({
    book: {
      ...book,
      orders: book.orders.filter(({ id }) => !ids.includes(id)),
      // Only what a poller may still hold open need be named.
      cancelled: [...new Set([...book.cancelled, ...ids])].slice(-MOST_CANCELLED),
    },
    result: undefined,
  }));
const MOST_CANCELLED = 500;
