import { openFolder } from './folder.ts';
import type { Place, PlaceOptions } from './place.ts';

/** Opens the place, does the work, and closes it however that ends. */
export const withPlace = async <T>(options: PlaceOptions, work: (place: Place) => Promise<T>): Promise<T> => {
  const place =
    options.stack === undefined
      ? await openFolder(options.data)
      : await (await import('./stack.ts')).openStack(options.stack);
  try {
    return await work(place);
  } finally {
    await place.close();
  }
};
