import { hash } from 'node:crypto';
import type { ObjectStore } from '../../ports/object-store.ts';

/** The bucket in memory. What is in `objects` may be read and changed from outside. */
export const createMemoryObjectStore = (objects = new Map<string, Uint8Array>()): MemoryObjectStore => {
  const versionOf = (body: Uint8Array): string => hash('md5', body, 'hex');
  return {
    objects,
    async create(key, body) {
      if (objects.has(key)) return 'exists';
      objects.set(key, Uint8Array.from(body));
      return 'created';
    },
    async replace(key, body, expected) {
      const present = objects.get(key);
      const version = versionOf(body);
      const found = present && versionOf(present);
      if (found !== expected && found !== version) return 'conflict';
      objects.set(key, Uint8Array.from(body));
      return { version };
    },
    async read(key) {
      const body = objects.get(key);
      return body && { body: Uint8Array.from(body), version: versionOf(body) };
    },
    async createFrom(key, source) {
      const chunks = await Array.fromAsync(source.open());
      if (objects.has(key)) return 'exists';
      objects.set(key, Buffer.concat(chunks));
      return 'created';
    },
    async readRange(key, from, to) {
      const body = objects.get(key);
      return body && Uint8Array.from(body.subarray(from, to));
    },
    async *list(prefix, after = '') {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    },
    async *folders(prefix) {
      const names = [...objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length))
        .filter((rest) => rest.includes('/'))
        .map((rest) => rest.slice(0, rest.indexOf('/') + 1));
      yield* [...new Set(names)].sort();
    },
  };
};

export interface MemoryObjectStore extends ObjectStore {
  readonly objects: Map<string, Uint8Array>;
}
