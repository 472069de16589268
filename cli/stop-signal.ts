import { EXIT } from './exit-codes.ts';
import type { Ms } from '../shared/core/time.ts';

/** One press of Ctrl-C may arrive twice, from the terminal and from npm; a person needs longer for a second. */
export const SAME_PRESS: Ms = 300;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns signals into a request to stop. A second one, pressed by a person, ends the process at once.
 *
 * @param now monotonic ms
 * @param end ends the process
 * @returns the request, and how to stop listening
 */
export const listenForStop = (
  source: Pick<NodeJS.Process, 'on' | 'off'>,
  now: () => Ms,
  end: (code: number) => void,
): { readonly stop: AbortSignal; readonly request: () => void; readonly close: () => void } => {
  const controller = new AbortController();
  let firstAt: Ms | undefined;
  const hear = () => {
    if (firstAt === undefined) {
      firstAt = now();
      controller.abort();
    } else if (now() - firstAt > SAME_PRESS) {
      end(EXIT.interrupted);
    }
  };
  for (const signal of SIGNALS) source.on(signal, hear);
  // The launcher that runs us under the project's Node has died: nobody is left to stop us later.
  source.on('disconnect', hear);
  return {
    stop: controller.signal,
    request: () => controller.abort(),
    close: () => {
      for (const signal of SIGNALS) source.off(signal, hear);
      source.off('disconnect', hear);
    },
  };
};
