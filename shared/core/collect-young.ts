/**
 * Collects what is young and no longer used, and the buffers that it held. V8 knows of buffers as a number only, and lets
 * 64 MB of them lie about before it collects for their sake: more than all that a function holds which works through
 * large ones. Called with one in each megabyte it takes no time that can be measured.
 *
 * It needs Node's `--expose-gc`, as `heapEnvironment` sets it, and does nothing without.
 */
export const collectYoung = (): void => {
  globalThis.gc?.({ type: 'minor' });
};
