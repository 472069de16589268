import { QUARANTINE } from '../../shared/contract/bucket-layout.ts';
import { QuarantineNote } from '../../shared/contract/quarantine.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { inOrder } from '../../shared/steps/archive-reader.ts';

const AHEAD = 16;

/** Which of the wanted keys of the day's archived records the index takes in no case, as their quarantine notes say. */
export const quarantinedOf = async (
  objects: Pick<ObjectStore, 'list' | 'read'>,
  account: string,
  dt: string,
  wanted: { has(key: string): boolean },
): Promise<ReadonlySet<string>> => {
  const keys = new Set<string>();
  for await (const stored of inOrder(notesOf(objects, account), AHEAD, (key) => objects.read(key))) {
    if (!stored) continue;
    const { from } = QuarantineNote.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
    if (from.dt === dt && from.key !== undefined && wanted.has(from.key)) keys.add(from.key);
  }
  return keys;
};

async function* notesOf(objects: Pick<ObjectStore, 'list'>, account: string): AsyncGenerator<string> {
  for await (const key of objects.list(`${QUARANTINE}account=${account}/`))
    if (key.endsWith('.json')) yield key;
}
