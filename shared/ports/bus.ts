import type { CallEvent } from '../contract/call-event.ts';
import type { DayEvent } from '../contract/day-proof.ts';
import type { SendOutcome } from './queue.ts';

/** The event bus. */
export interface Bus<E extends CallEvent | DayEvent = CallEvent> {
  /**
   * Publishes, in as few requests as their sizes allow. Each outcome is the bus's own word on that entry.
   * Never rejects. A bus that does not exist "accepts": provisioning must prove that it is there.
   */
  publish(events: readonly E[]): Promise<SendOutcome[]>;
}
