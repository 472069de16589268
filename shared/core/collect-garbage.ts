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

/**
 * Collects all that is no longer used, and gives the system back what V8 would keep for later: pages of its heap that were
 * used once, a third of what a long run holds. It stops the process for
 * 30 ms where 16 MB are in use.
 *
 * It needs `--expose-gc` as well.
 */
export const collectAll = (): void => {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
};
