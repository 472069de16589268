import { problemsOf, FIRST_TICK, startAccount } from './hostile-second.ts';
import type { Refusal } from './hostile-account.ts';
import { MINUTE } from '../../../shared/core/time.ts';

/** What a poller made of one hostile answer. */
export interface StreamReport {
  readonly name: string;
  readonly refusals: readonly Refusal[];
  /** Peak of the process's memory over what it was before the poll, bytes. */
  readonly grewBy: number;
  /** Of the tick in which the answer came, and of the next. */
  readonly outcomes: readonly string[];
  readonly putAside: number;
  /** What is not as it should be, in words. */
  readonly problems: readonly string[];
}

/** What a test asks of a poller in a process of its own. */
export interface StreamOrder {
  readonly baseUrl: string;
  readonly names: readonly string[];
  /** By the machine's clock, ms. */
  readonly headers: number;
  readonly requestLimit: number;
  /** All at once; their memory then tells nothing. */
  readonly together: boolean;
}

const SAMPLE_EVERY = 2;

const poll = async (name: string, order: StreamOrder): Promise<StreamReport> => {
  const { requestLimit, headers } = order;
  const settings = { baseUrl: `${order.baseUrl}/${name}`, requestLimit, limits: { headers } };
  // Turns are waited for in virtual time, of which a request's limit must have enough.
  using account = startAccount(settings, { cps: 100, share: 1 });
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_EVERY);
  const first = await account.tick();
  clearInterval(sampling);
  const second = await account.tick(FIRST_TICK + MINUTE);
  return {
    name,
    refusals: account.refusals,
    grewBy: peak - before,
    outcomes: [first.outcome, second.outcome],
    putAside: account.putAside().length,
    problems: problemsOf(account),
  };
};

const order: StreamOrder = JSON.parse(process.argv[2] ?? '');
const reports: StreamReport[] = [];
if (order.together) reports.push(...(await Promise.all(order.names.map((name) => poll(name, order)))));
else for (const name of order.names) reports.push(await poll(name, order));
process.stdout.write(JSON.stringify(reports));
