import type { Ms } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credentials } from '../ports/credentials.ts';

/**
 * Credentials as they were read within the last while by this process: a store that takes money for every question
 * would else be asked by every tick ($0.22 a month and account, and $0.13 for the key; cli/cost/prices.ts).
 *
 * `read` with an age answers what is remembered where it is no older; without one it asks the store, and remembers.
 * What could not be read is not remembered.
 */
export const rememberCredentials = (
  credentials: Credentials,
  clock: Pick<Clock, 'monotonic'>,
): Credentials => {
  const remembered = new Map<
    string,
    { readonly at: Ms; readonly read: Awaited<ReturnType<Credentials['read']>> }
  >();
  return {
    async read(secretId, atMostOld = 0) {
      const known = remembered.get(secretId);
      if (known && clock.monotonic() - known.at < atMostOld) return known.read;
      const read = await credentials.read(secretId);
      remembered.set(secretId, { at: clock.monotonic(), read });
      return read;
    },
  };
};
