import type { CallEvent } from '../../contract/call-event.ts';
import type { DayEvent } from '../../contract/day-proof.ts';
import type { Bus } from '../../ports/bus.ts';

/** The bus in memory: what was published stands in `events`, in order. */
export const createMemoryBus = <E extends CallEvent | DayEvent = CallEvent>(
  events: E[] = [],
): MemoryBus<E> => ({
  events,
  async publish(published) {
    events.push(...published);
    return published.map(() => ({ sent: true }));
  },
});

export interface MemoryBus<E extends CallEvent | DayEvent = CallEvent> extends Bus<E> {
  readonly events: E[];
}
