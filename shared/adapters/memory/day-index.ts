import { dayKeys, entryOf } from '../../contract/index-table.ts';
import type { IndexedCall } from '../../contract/indexed-call.ts';
import type { DayIndex } from '../../ports/call-index.ts';

/** Over the calls of a memory index. */
export const createMemoryDayIndex = (calls: ReadonlyMap<string, IndexedCall>): DayIndex => ({
  async *pages(account, dt, statuses, after) {
    const partitions = Map.groupBy(calls.values(), (call) => entryOf(call).day);
    for (const partition of statuses.flatMap((status) => dayKeys(account, dt, status)).sort()) {
      const there = partitions.get(partition);
      if (there && (after === undefined || partition > after)) yield { partition, calls: there };
    }
  },
});
