import { openFolder } from './folder.ts';
import type { Place, PlaceOptions } from './place.ts';

/** @throws {Failure} where nothing is there. The caller closes it. */
export const openPlace = async (options: PlaceOptions): Promise<Place> =>
  options.stack === undefined
    ? openFolder(options.data)
    : (await import('./stack.ts')).openStack(options.stack);

/** Opens the place, does the work, and closes it however that ends. */
export const withPlace = async <T>(options: PlaceOptions, work: (place: Place) => Promise<T>): Promise<T> => {
  const place = await openPlace(options);
  try {
    return await work(place);
  } finally {
    await place.close();
  }
};
