import type { CallbackList } from './callbacks.ts';

/** A made-up CRM that keeps one task a key, over HTTP: put and delete bear repetition. */
export const createCrm = (
  baseUrl: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): CallbackList => {
  const ask = async (method: 'PUT' | 'DELETE', key: string, body?: string): Promise<void> => {
    const answer = await fetch(new URL(`tasks/${encodeURIComponent(key)}`, baseUrl), {
      method,
      signal: AbortSignal.timeout(5_000),
      ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
    });
    // What is not there need not be taken off.
    if (!answer.ok && !(method === 'DELETE' && answer.status === 404))
      throw new Error(`the CRM answered ${answer.status}`);
  };
  return {
    put: (callback) => ask('PUT', callback.key, JSON.stringify(callback)),
    remove: (key) => ask('DELETE', key),
  };
};
