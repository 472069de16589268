import type { EpochMs } from './time.ts';
import { length, type Window, without } from './window.ts';

/**
 * What somebody wants asked of the source beside the looks, once:
 * - `backfill`: calls before the first coverage
 * - `repair`: what is not in the archive as the source has it; sent again whatever the sent list says
 */
export const ORDER_KINDS = ['backfill', 'repair'] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

/** Written by the prover and by operators, read by pollers: so nobody has to hold the lease to ask for something. */
export interface Order extends Window {
  /** Rises from order to order of an account. */
  readonly id: number;
  readonly kind: OrderKind;
  /** A backfill's calls are published too, however old. */
  readonly publish: boolean;
  readonly orderedAt: EpochMs;
}

/** All orders of an account that are not known to be done. */
export interface OrderBook {
  readonly nextId: number;
  readonly orders: readonly Order[];
  /** Ids of orders that are no longer wanted. */
  readonly cancelled: readonly number[];
}

export const EMPTY_BOOK: OrderBook = { nextId: 1, orders: [], cancelled: [] };

/** An order that a poller has taken up, and what is left of it. */
export interface OpenOrder extends Order {
  readonly left: readonly Window[];
}

/** What a poller knows of the orders: ids up to `taken` are open here or done. */
export interface OrderProgress {
  readonly taken: number;
  readonly open: readonly OpenOrder[];
}

export const NO_ORDERS: OrderProgress = { taken: 0, open: [] };

/** Orders at which no further repair is taken: many more would not fit beside the rest of an account's state. */
export const MOST_ORDERS = 200;

/** Takes up what is new in the book and lets go of what was cancelled. */
export const takeOrders = (progress: OrderProgress, book: OrderBook): OrderProgress => {
  const fresh = book.orders.filter(({ id }) => id > progress.taken);
  const open = [
    ...progress.open,
    ...fresh.map((order) => ({ ...order, left: [{ from: order.from, to: order.to }] })),
  ];
  const taken = Math.max(progress.taken, ...fresh.map(({ id }) => id));
  const wanted = open.filter(({ id }) => !book.cancelled.includes(id));
  return taken === progress.taken && wanted.length === progress.open.length
    ? progress
    : { taken, open: wanted };
};

/** The progress after `window` was read for the order; one that has nothing left is done. */
export const fulfil = (progress: OrderProgress, id: number, window: Window): OrderProgress => ({
  ...progress,
  open: progress.open
    .map((order) =>
      order.id === id ? { ...order, left: order.left.flatMap((part) => without(part, window)) } : order,
    )
    .filter(({ left }) => left.length > 0),
});

/** Whether an order's windows have all been read. */
export const isDone = (progress: OrderProgress, id: number): boolean =>
  id <= progress.taken && !progress.open.some((order) => order.id === id);

/** Seconds of call time that are left of an order; all of it while no poller has taken it up. */
export const leftOf = (progress: OrderProgress, order: Order): number =>
  isDone(progress, order.id)
    ? 0
    : (progress.open.find(({ id }) => id === order.id)?.left ?? [order]).reduce(
        (sum, part) => sum + length(part) / 1000,
        0,
      );

/** What of the book is wanted and not done. */
const openIn = (book: OrderBook, progress: OrderProgress): Order[] =>
  book.orders.filter((known) => !isDone(progress, known.id) && !book.cancelled.includes(known.id));

/** What is left of an order, also of one that no poller has taken up. */
const partsOf = (progress: OrderProgress, order: Order): readonly Window[] =>
  progress.open.find(({ id }) => id === order.id)?.left ?? [order];

/** The book with one more order in it, and without those that are done. */
export const placeOrder = (
  book: OrderBook,
  progress: OrderProgress,
  order: Omit<Order, 'id'>,
): { book: OrderBook; id: number } => {
  const id = Math.max(book.nextId, progress.taken + 1);
  const orders = openIn(book, progress);
  return { id, book: { nextId: id + 1, orders: [...orders, { ...order, id }], cancelled: book.cancelled } };
};

/**
 * The book with these windows in it as repairs, but for those that an open repair is going to read anyway: a proof that
 * dies, or is made again before the poller could do anything, orders the same as the one before.
 * @returns also how many are owed now; fewer than wanted where the book is full, and the next proof orders the rest
 */
export const placeRepairs = (
  before: OrderBook,
  progress: OrderProgress,
  windows: readonly Window[],
  orderedAt: EpochMs,
): { readonly book: OrderBook; readonly owed: number } => {
  let book = before;
  let owed = 0;
  for (const window of windows) {
    const open = openIn(book, progress);
    const isOwed = open.some(
      (order) =>
        order.kind === 'repair' &&
        partsOf(progress, order).some(({ from, to }) => from <= window.from && window.to <= to),
    );
    if (!isOwed && open.length >= MOST_ORDERS) continue;
    owed += 1;
    if (!isOwed)
      book = placeOrder(book, progress, { ...window, kind: 'repair', publish: false, orderedAt }).book;
  }
  return { book, owed };
};
