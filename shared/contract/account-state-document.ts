import * as z from 'zod';
import { type AccountState, FILTER_TIMES } from '../core/account-state.ts';
import { NO_ORDERS, ORDER_KINDS, type OrderBook } from '../core/orders.ts';

const instant = z.number();
const window = { from: instant, to: instant };

const order = {
  ...window,
  id: z.int(),
  kind: z.enum(ORDER_KINDS),
  publish: z.boolean(),
  orderedAt: instant,
};

const AccountStateDocument = z.object({
  epoch: z.int(),
  leaseUntil: instant,
  lastTickAt: instant,
  firstTickAt: instant,
  lastLiveAt: instant.optional(),
  liveFrom: instant.optional(),
  nextRequestAt: instant,
  pausedUntil: instant,
  coverage: z.array(z.object({ ...window, readAge: z.number(), probeAge: z.number() })),
  dirty: z.array(instant),
  learned: z.object({
    filterOn: z.enum(FILTER_TIMES),
    doubts: z.record(z.enum(FILTER_TIMES), z.int()).optional(),
    fromEdge: z.enum(['in', 'out']).optional(),
    toEdge: z.enum(['in', 'out']).optional(),
    pageLimit: z.int().optional(),
    durationFilter: z.enum(['trusted', 'ignored']),
    latency: z.number(),
    perMinute: z.number(),
    durations: z.array(z.number()),
  }),
  troubles: z.array(
    z.object({
      ...window,
      span: z.number(),
      reads: z.int(),
      unanswered: z.object({ reads: z.int(), since: instant }).optional(),
    }),
  ),
  exceptions: z.array(z.object({ at: instant, missing: z.int() })),
  orders: z
    .object({ taken: z.int(), open: z.array(z.object({ ...order, left: z.array(z.object(window)) })) })
    .default({ ...NO_ORDERS, open: [] }),
});

/** @throws where the stored document is no state of an account. */
export const parseAccountState = (document: unknown): AccountState => AccountStateDocument.parse(document);

const OrderBookDocument = z.object({
  nextId: z.int(),
  orders: z.array(z.object(order)),
  cancelled: z.array(z.int()),
});

/** @throws where the stored document is no book of orders. */
export const parseOrderBook = (document: unknown): OrderBook => OrderBookDocument.parse(document);
