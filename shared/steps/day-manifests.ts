import { DAYS } from '../contract/bucket-layout.ts';
import { DayManifest } from '../contract/day-proof.ts';
import type { ObjectStore } from '../ports/object-store.ts';

const read = async (objects: Pick<ObjectStore, 'read'>, key: string): Promise<DayManifest | undefined> => {
  const stored = await objects.read(key);
  return stored && DayManifest.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
};

/** What the newest proof of a day found; undefined where there is none. */
export const newestManifest = async (
  { objects }: { objects: Pick<ObjectStore, 'read' | 'list'> },
  account: string,
  dt: string,
): Promise<DayManifest | undefined> => {
  let newest: string | undefined;
  for await (const key of objects.list(`${DAYS}account=${account}/dt=${dt}/`)) newest = key;
  return newest === undefined ? undefined : read(objects, newest);
};

/** The days of an account that a proof has been made of, oldest first. */
export async function* provenDays(
  objects: Pick<ObjectStore, 'folders'>,
  account: string,
): AsyncGenerator<string> {
  for await (const folder of objects.folders(`${DAYS}account=${account}/`))
    yield folder.replace(/^dt=/, '').replace(/\/$/, '');
}
