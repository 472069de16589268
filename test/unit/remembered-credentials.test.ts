import { expect, test } from 'vitest';
import { createAuthorisedSource } from '../../shared/adapters/authorised-source.ts';
import { createMemoryCredentials } from '../../shared/adapters/memory/credentials.ts';
import { createMemorySessions } from '../../shared/adapters/memory/ledger.ts';
import { rememberCredentials } from '../../shared/adapters/remembered-credentials.ts';
import { HOUR, MINUTE } from '../../shared/core/time.ts';
import type { Credentials } from '../../shared/ports/credentials.ts';
import { SourceError } from '../../shared/ports/source.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const PASSWORD = JSON.stringify({ email: 'agent-07', password: 'made-up' });
const QUERY = { from_date: '2026-03-10 00:00:00', to_date: '2026-03-10 00:01:00', page: 1, limit: 10 };

test('a process reads a secret every ten minutes, and anew at once where the old one is refused', async () => {
  const clock = new VirtualClock(HOUR);
  const store = createMemoryCredentials();
  store.put('secret', PASSWORD);
  const asked = { reads: 0, logins: 0 };
  const counted: Credentials = {
    read: (secretId) => {
      asked.reads += 1;
      return store.read(secretId);
    },
  };
  const alive = new Set<string>();
  const parts = {
    account: { name: 'main', secretId: 'secret' },
    credentials: rememberCredentials(counted, clock),
    sessions: createMemorySessions(),
    clock,
    now: () => clock.real(),
    http: {
      login: async () => {
        const token = `t${(asked.logins += 1)}`;
        alive.add(token);
        return { outcome: 'granted' as const, token, life: HOUR, passwordDaysLeft: 9 };
      },
      page: async (token: string) => {
        if (!alive.has(token)) throw new SourceError('auth', 'token-refused', 'made up');
        return { count: 0, limit: 10, records: [], latency: 1 };
      },
    },
  };
  // A tick is cold but for what its process remembers.
  const tick = () => createAuthorisedSource(parts).page(QUERY, 20_000);

  await tick();
  // The first logs in, and nobody logs in with a secret that may be only remembered.
  expect(asked).toEqual({ reads: 2, logins: 1 });
  for (let minute = 1; minute < 30; minute += 1) {
    clock.at += MINUTE;
    await tick();
  }
  expect(asked).toEqual({ reads: 4, logins: 1 });
  store.put('secret', PASSWORD);
  alive.clear();
  await tick();
  expect(asked).toEqual({ reads: 5, logins: 2 });
});
