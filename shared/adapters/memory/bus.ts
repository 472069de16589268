import type { CallEvent } from '../../contract/call-event.ts';
import type { Bus } from '../../ports/bus.ts';

/** The bus in memory: what was published stands in `events`, in order. */
export const createMemoryBus = (events: CallEvent[] = []): MemoryBus => ({
  events,
  async publish(published) {
    events.push(...published);
    return published.map(() => ({ sent: true }));
  },
});

export interface MemoryBus extends Bus {
  readonly events: CallEvent[];
}
