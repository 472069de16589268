import type { IngestPorts } from '../../functions/consumer/ingest.ts';

/**
 * What goes wrong at the n-th effect, from 0: it is not done, or it is done and its reply is lost; a crash takes
 * every later effect with it.
 */
export interface Fault {
  readonly call: number;
  readonly kind: 'before' | 'after' | 'crash-before' | 'crash-after';
}

/** Wraps the ports: effects are counted, fail as told, and take as many turns of the loop as told. */
export const withFaults = (
  ports: IngestPorts,
  faults: readonly Fault[],
  turns: readonly number[],
): IngestPorts & { crashed(): boolean } => {
  let calls = 0;
  let crashed = false;
  const wrapEffect =
    <Arguments extends unknown[], Result>(effect: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments): Promise<Result> => {
      const call = calls++;
      for (let turn = turns[call % turns.length] ?? 0; turn > 0; turn--) await Promise.resolve();
      const kind = faults.find((fault) => fault.call === call)?.kind;
      if (kind?.startsWith('crash')) crashed = true;
      if (kind?.endsWith('before') || (crashed && kind === undefined)) throw new Error('made up');
      const result = await effect(...args);
      if (kind !== undefined) throw new Error('made up: reply lost');
      return result;
    };
  const { objects, index, bus } = ports;
  return {
    ...ports,
    objects: { ...objects, create: wrapEffect(objects.create), read: wrapEffect(objects.read) },
    index: { ...index, write: wrapEffect(index.write), load: wrapEffect(index.load) },
    bus: {
      publish: async (events) => {
        try {
          return await wrapEffect(bus.publish)(events);
        } catch {
          return events.map(() => ({ sent: false, code: 'made-up' }));
        }
      },
    },
    crashed: () => crashed,
  };
};
