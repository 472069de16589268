/** Runs a task, as soon as it may. */
export type Gate = <T>(task: () => Promise<T>) => Promise<T>;

/** Lets at most `width` tasks run at once; the others wait in the order in which they came. */
export const createGate = (width: number): Gate => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running < width) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};
