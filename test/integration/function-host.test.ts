import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';

/** A bundle whose event says what it does. */
const BUNDLE = `
import v8 from 'node:v8';
let calls = 0;
const acts = {
  env: () => process.env,
  pid: () => ({ pid: process.pid, calls: ++calls }),
  left: (context) => [context.getRemainingTimeInMillis(), context.functionName, context.memoryLimitInMB, typeof context.awsRequestId],
  throw: () => { throw new RangeError('too far'); },
  hang: () => { console.log('hanging'); return new Promise(() => {}); },
  exit: () => process.exit(3),
  heapMb: () => v8.getHeapStatistics().heap_size_limit / 2 ** 20,
  fill: () => { const kept = []; for (;;) kept.push(new Array(1e5).fill(Math.random())); },
  print: () => { console.log('one\\ntwo'); console.error('three'); },
};
export const handler = async ({ act }, context) => acts[act](context);
`;

let folder: string;
let lines: string[];
let heard: (line: string) => void;
const hosts: FunctionHost[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'function-host-'));
  await writeFile(join(folder, 'index.mjs'), BUNDLE);
  lines = [];
  heard = () => {};
});
afterEach(async () => {
  for (const host of hosts.splice(0)) host.kill();
  await rm(folder, { recursive: true });
});

const hostOf = ({
  processes = 1,
  timeoutSeconds = 30,
  memoryMb = 256,
  handler = 'index.handler',
  environment = {},
}: {
  processes?: number;
  timeoutSeconds?: number;
  memoryMb?: number;
  handler?: string;
  environment?: Record<string, string>;
} = {}) => {
  const host = startFunctionHost(
    {
      logicalId: 'Fn1',
      name: 'tried',
      environment: { BUCKET: 'archive', AWS_REGION: 'from-the-template', ...environment },
      assetDir: folder,
      handler,
      timeoutSeconds,
      memoryMb,
    },
    {
      more: { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      processes,
      write: (line) => {
        lines.push(line);
        heard(line);
      },
    },
  );
  hosts.push(host);
  return host;
};
const nextLine = (wanted: string) =>
  new Promise<void>((resolve) => {
    heard = (line) => line === wanted && resolve();
  });

test('the handler sees the template, the embedded AWS and what Lambda sets, and nothing of this process', async () => {
  const invocation = await hostOf().invoke({ act: 'env' });
  if (invocation.outcome !== 'returned') throw new Error(invocation.outcome);
  const env = invocation.result as Record<string, string>;
  expect(env).toMatchObject({
    BUCKET: 'archive',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    AWS_LAMBDA_FUNCTION_NAME: 'tried',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    TZ: ':UTC',
  });
  const ours = /^(BUCKET|AWS_.*|LAMBDA_TASK_ROOT|_HANDLER|TZ|SystemRoot)$/;
  // Set by the system itself: macOS for every process.
  expect(Object.keys(env).filter((name) => !ours.test(name) && !name.startsWith('__CF'))).toEqual([]);
});

test('the context tells time left, name and memory', async () => {
  const invocation = await hostOf({ timeoutSeconds: 20 }).invoke({ act: 'left' });
  if (invocation.outcome !== 'returned') throw new Error(invocation.outcome);
  const [left, ...rest] = invocation.result as [number, ...unknown[]];
  expect(left).toBeGreaterThan(10_000);
  expect(left).toBeLessThanOrEqual(20_000);
  expect(rest).toEqual(['tried', '256', 'string']);
});

test('a process is kept warm, and takes one event at a time', async () => {
  const host = hostOf();
  const results = await Promise.all([1, 2, 3].map(() => host.invoke({ act: 'pid' })));
  const answers = results.map((result) => (result.outcome === 'returned' ? result.result : undefined));
  const pids = new Set(answers.map((answer) => (answer as { pid: number }).pid));
  expect(pids.size).toBe(1);
  expect(answers.map((answer) => (answer as { calls: number }).calls)).toEqual([1, 2, 3]);
  expect(results.map(({ initMs }) => initMs !== undefined)).toEqual([true, false, false]);
  expect(results[0]?.usage?.peakMemoryMb).toBeGreaterThan(10);
});

test('up to so many processes, and no more', async () => {
  const host = hostOf({ processes: 2 });
  const hanging = [1, 2, 3].map(() => host.invoke({ act: 'hang' }));
  await nextLine('hanging');
  await nextLine('hanging');
  host.kill();
  // The third had waited; it gets a process of its own once there is room.
  await nextLine('hanging');
  host.kill();
  expect((await Promise.all(hanging)).map(({ outcome }) => outcome)).toEqual(['ended', 'ended', 'ended']);
  expect(lines).toEqual(['hanging', 'hanging', 'hanging']);
});

test('what throws is a failed invocation; the process goes on', async () => {
  const host = hostOf();
  const failed = await host.invoke({ act: 'throw' });
  expect(failed).toMatchObject({ outcome: 'failed', error: { name: 'RangeError', message: 'too far' } });
  expect(await host.invoke({ act: 'pid' })).toMatchObject({ outcome: 'returned', result: { calls: 1 } });
});

test.each([
  ['runs out of time', 'hang', { outcome: 'timed-out' }],
  ['ends itself', 'exit', { outcome: 'ended', exit: 'exit code 3' }],
] as const)('one that %s is gone, and the next event gets a new process', async (_, act, wanted) => {
  const host = hostOf({ timeoutSeconds: act === 'hang' ? 0.2 : 30 });
  expect(await host.invoke({ act })).toMatchObject(wanted);
  const next = await host.invoke({ act: 'pid' });
  expect(next).toMatchObject({ outcome: 'returned', result: { calls: 1 } });
  expect(next.initMs).toBeGreaterThan(0);
});

test('the memory is what the template gives, and a process that needs more ends', async () => {
  const heapMb = async (memoryMb: number) => {
    const invocation = await hostOf({ memoryMb }).invoke({ act: 'heapMb' });
    return invocation.outcome === 'returned' ? Number(invocation.result) : Number.NaN;
  };
  // Nine tenths for the old space, and a young generation of three times a twentieth, which V8 rounds up to a power of 2.
  const difference = (await heapMb(512)) - (await heapMb(128));
  expect(difference).toBeGreaterThanOrEqual(0.9 * 384);
  expect(difference).toBeLessThanOrEqual(0.9 * 384 + 3 * (32 - 8));
  expect((await hostOf({ memoryMb: 32 }).invoke({ act: 'fill' })).outcome).toBe('ended');
});

test.each([
  ['--max-old-space-size=100 --max-semi-space-size=1', 100 + 3],
  ['--max_semi_space_size=1 --max_old_space_size=90', 90 + 3],
])(
  'a function that bounds its own heap is given no other, as by the runtime: %s',
  async (NODE_OPTIONS, wantedMb) => {
    const host = hostOf({ memoryMb: 1024, environment: { NODE_OPTIONS } });
    expect(await host.invoke({ act: 'heapMb' })).toMatchObject({ outcome: 'returned', result: wantedMb });
  },
);

test('killed in the middle, the invocation ends and the next one starts anew', async () => {
  const host = hostOf();
  const hanging = host.invoke({ act: 'hang' });
  await nextLine('hanging');
  host.kill();
  expect(await hanging).toMatchObject({ outcome: 'ended', exit: 'SIGKILL' });
  expect((await host.invoke({ act: 'pid' })).outcome).toBe('returned');
});

test('every line that the function prints is handed on', async () => {
  const host = hostOf();
  await host.invoke({ act: 'print' });
  await host.invoke({ act: 'pid' });
  expect([...lines].sort()).toEqual(['one', 'three', 'two']);
});

test.each(['index.missing', 'absent.handler'])('a bundle without %s says so', async (handler) => {
  const failed = await hostOf({ handler }).invoke({ act: 'pid' });
  expect(failed.outcome).toBe('failed');
});
