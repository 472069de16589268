import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EMPTY_BOOK,
  fulfil,
  isDone,
  leftOf,
  MOST_ORDERS,
  NO_ORDERS,
  type Order,
  type OrderBook,
  type OrderProgress,
  placeOrder,
  placeRepairs,
  takeOrders,
} from '../../shared/core/orders.ts';
import { HOUR, SECOND } from '../../shared/core/time.ts';

const order = (from: number, to: number): Omit<Order, 'id'> => ({
  from: from * HOUR,
  to: to * HOUR,
  kind: 'backfill',
  publish: false,
  orderedAt: 0,
});

/** What writer and poller may do, in any order; the poller sees the book at its ticks only. */
const step = fc.oneof(
  fc.record({ do: fc.constant('place' as const), from: fc.nat(20), hours: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('tick' as const) }),
  fc.record({ do: fc.constant('read' as const), which: fc.nat(5), share: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('cancel' as const), which: fc.nat(5) }),
);

test('whatever the interleaving, each order is open until its every second was read, and is then done for good', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let book: OrderBook = EMPTY_BOOK;
      let progress: OrderProgress = NO_ORDERS;
      const unread = new Map<number, Set<number>>();
      const cancelled = new Set<number>();
      const finished = new Set<number>();
      for (const each of steps) {
        if (each.do === 'place') {
          const wanted = order(each.from, each.from + each.hours);
          const placed = placeOrder(book, progress, wanted);
          expect(unread.has(placed.id)).toBe(false);
          book = placed.book;
          unread.set(placed.id, new Set(Array.from({ length: each.hours }, (_, index) => each.from + index)));
        } else if (each.do === 'tick') progress = takeOrders(progress, book);
        else if (each.do === 'read') {
          const open = progress.open[each.which];
          const [part] = open?.left ?? [];
          if (!open || !part) continue;
          const to = Math.min(part.to, part.from + each.share * HOUR);
          progress = fulfil(progress, open.id, { from: part.from, to });
          for (let at = part.from; at < to; at += HOUR) unread.get(open.id)?.delete(at / HOUR);
        } else {
          const id = [...unread.keys()][each.which];
          if (id === undefined) continue;
          book = { ...book, cancelled: [...book.cancelled, id] };
          cancelled.add(id);
        }
        for (const [id, hours] of unread) {
          if (cancelled.has(id)) continue;
          expect(isDone(progress, id)).toBe(hours.size === 0);
          if (hours.size === 0) finished.add(id);
          const known = book.orders.find((one) => one.id === id);
          if (known) expect(leftOf(progress, known)).toBe((hours.size * HOUR) / SECOND);
          else expect(finished.has(id)).toBe(true);
        }
      }
      progress = takeOrders(progress, book);
      expect(progress.open.some(({ id }) => cancelled.has(id))).toBe(false);
    }),
  );
});

test('a repair that is owed is not ordered again, until it was read', () => {
  const windows = [0, 4, 8].map((hour) => ({ from: hour * HOUR, to: hour * HOUR + SECOND }));
  const first = placeRepairs(EMPTY_BOOK, NO_ORDERS, windows, 0);
  expect(first).toMatchObject({ owed: 3, book: { nextId: 4, orders: [{ id: 1 }, { id: 2 }, { id: 3 }] } });
  // Before a poller has taken them up, while one holds them, and when the first of them was read.
  expect(placeRepairs(first.book, NO_ORDERS, windows, 1)).toEqual({ owed: 3, book: first.book });
  const taken = takeOrders(NO_ORDERS, first.book);
  expect(placeRepairs(first.book, taken, windows, 1)).toEqual({ owed: 3, book: first.book });
  const read = fulfil(taken, 1, windows[0] ?? { from: 0, to: 0 });
  const again = placeRepairs(first.book, read, windows, 1);
  expect(again.owed).toBe(3);
  expect(again.book.orders.map(({ id }) => id)).toEqual([2, 3, 4]);
  // A backfill sends what differs from what was sent: it repairs nothing. One that was cancelled is not read.
  const { book } = placeOrder(EMPTY_BOOK, NO_ORDERS, order(0, 9));
  expect(placeRepairs(book, NO_ORDERS, windows, 0).book.orders).toHaveLength(4);
  const cancelled = { ...first.book, cancelled: [2] };
  expect(placeRepairs(cancelled, NO_ORDERS, windows, 1).book.orders.map(({ id }) => id)).toEqual([1, 3, 4]);
});

test('repairs that find the book full wait for the next proof, and a person’s backfill does not', () => {
  const windows = Array.from({ length: MOST_ORDERS + 30 }, (_, hour) => ({
    from: hour * HOUR,
    to: hour * HOUR + SECOND,
  }));
  const { book, owed } = placeRepairs(EMPTY_BOOK, NO_ORDERS, windows, 0);
  expect(owed).toBe(MOST_ORDERS);
  expect(book.orders).toHaveLength(MOST_ORDERS);
  expect(placeOrder(book, NO_ORDERS, order(1000, 1001)).book.orders).toHaveLength(MOST_ORDERS + 1);
  let progress = takeOrders(NO_ORDERS, book);
  for (const { id, from, to } of book.orders) progress = fulfil(progress, id, { from, to });
  expect(placeRepairs(book, progress, windows.slice(MOST_ORDERS), 0)).toMatchObject({ owed: 30 });
});
