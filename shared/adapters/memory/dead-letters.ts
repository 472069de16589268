import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.ts';
import type { Queue } from '../../ports/queue.ts';

/** Dead letters in memory, in `letters`; redriven ones go to `queue`. */
export const createMemoryDeadLetters = (
  queue: Pick<Queue, 'send'>,
  letters: DeadLetter[] = [],
): MemoryDeadLetters => ({
  letters,
  count: async () => letters.length,
  peek: async (most) => letters.slice(0, most),
  async redrive(ids) {
    const back = letters.filter(({ messageId }) => ids?.has(messageId) ?? true);
    await queue.send(back.map(({ body }) => body));
    letters.splice(0, letters.length, ...letters.filter((letter) => !back.includes(letter)));
    return back.map(({ messageId }) => messageId);
  },
});

export interface MemoryDeadLetters extends DeadLetters {
  readonly letters: DeadLetter[];
}
