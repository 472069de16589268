import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EMPTY_BOOK,
  fulfil,
  isDone,
  leftOf,
  NO_ORDERS,
  type Order,
  type OrderBook,
  type OrderProgress,
  placeOrder,
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
