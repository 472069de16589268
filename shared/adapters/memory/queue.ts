import { MESSAGE_BYTES, type Queue, TOO_LARGE } from '../../ports/queue.ts';

/** The queue in memory: what was sent stands in `bodies`, oldest first, until somebody takes it out. */
export const createMemoryQueue = (bodies: string[] = []): MemoryQueue => ({
  bodies,
  async send(sent) {
    return sent.map((body) => {
      if (Buffer.byteLength(body) > MESSAGE_BYTES) return { sent: false, code: TOO_LARGE };
      bodies.push(body);
      return { sent: true };
    });
  },
});

export interface MemoryQueue extends Queue {
  readonly bodies: string[];
}
