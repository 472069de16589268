import type { IndexedCall } from '../../shared/contract/indexed-call.ts';

/** An ordinary call in the index; fields as given. */
export const indexedCall = (fields: Partial<IndexedCall> = {}): IndexedCall => ({
  account: 'main',
  key: '65f0a1b2c3d4e5f60718293a',
  dt: '2026-03-10',
  summary: {
    callId: '1773115200.129662',
    startAt: Date.parse('2026-03-10T09:30:00+05:30'),
    endAt: Date.parse('2026-03-10T09:31:00+05:30'),
    direction: 'inbound',
    status: 'answered',
    customer: '+910000012345',
    did: '+910000090007',
    agents: ['00000000007'],
    answeredSeconds: 31,
    hasRecording: true,
  },
  hash: '0123456789abcdef0123456789abcdef',
  seen: '00000001-0002-69af8c00',
  madeBy: '00000001-0001-69af8c00',
  changed: [],
  object: 'raw/account=main/dt=2026-03-10/00000001-0002-69af8c00-0123456789abcdef.ndjson.gz',
  line: 0,
  ...fields,
});
