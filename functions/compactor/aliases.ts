import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { ALIAS_KEY } from '../../shared/contract/bucket-layout.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { NotCurated } from './raw-day.ts';

/** Words that stand for texts: alike for like, and nothing that tells the text to whoever lacks the key. */
export type Aliases = (text: string) => string;

const KEY_BYTES = 32;
/** 64 bits: two of five million customers share a word once in 1.5 million such archives. */
const HEX_CHARS = 16;

/**
 * A hash without a key would do nothing: all numbers of India can be hashed in minutes.
 * @throws when the store could not be asked, and where what lies there is no key.
 */
export const loadAliases = async (objects: ObjectStore): Promise<Aliases> => {
  const stored = (await objects.read(ALIAS_KEY)) ?? (await makeKey(objects));
  const key = stored?.body;
  if (key?.length !== KEY_BYTES)
    throw new NotCurated(
      `${ALIAS_KEY} holds ${key?.length ?? 0} bytes, and a key of aliases has ${KEY_BYTES}: put back the version of the object that was made first`,
    );
  const secret = createSecretKey(key);
  return (text) => createHmac('sha256', secret).update(text).digest('hex').slice(0, HEX_CHARS);
};

/** Whoever comes first makes it. */
const makeKey = async (objects: ObjectStore) => {
  await objects.create(ALIAS_KEY, randomBytes(KEY_BYTES));
  return objects.read(ALIAS_KEY);
};
