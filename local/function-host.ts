import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { heapOptions } from '../shared/contract/node-heap.ts';
import type { Ms } from '../shared/core/time.ts';
import type { ProvisionedFunction } from './provision.ts';

const RUNTIME = fileURLToPath(new URL('./function-runtime.ts', import.meta.url));

/** What the host tells its child to do. `deadlineAt` is UTC epoch ms. */
export interface Asked {
  readonly event: unknown;
  readonly requestId: string;
  readonly deadlineAt: number;
}

interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** What the child says back. */
export type Answer =
  | { readonly kind: 'ready'; readonly initMs: Ms }
  | { readonly kind: 'broken'; readonly error: Thrown }
  | { readonly kind: 'returned'; readonly result: unknown; readonly usage: Usage }
  | { readonly kind: 'threw'; readonly error: Thrown; readonly usage: Usage };

/** What the process has taken since it started. */
export interface Usage {
  /** The most memory that it held. */
  readonly peakMemoryMb: number;
  /** The heap that it holds at the end of this invocation. */
  readonly heapMb: number;
  /** Of all its threads, user and system. */
  readonly cpuMs: Ms;
}

/** What became of one invocation, and what it took. */
export type Invocation = (
  | { readonly outcome: 'returned'; readonly result: unknown }
  | { readonly outcome: 'failed'; readonly error: Thrown }
  | { readonly outcome: 'timed-out' }
  /** The process ended in the middle: killed, out of memory, or by its own exit. */
  | { readonly outcome: 'ended'; readonly exit: string }
) & {
  readonly durationMs: Ms;
  /** Only where this invocation had to start a process. */
  readonly initMs?: Ms;
  /** Absent where it did not live to tell. */
  readonly usage?: Usage;
};

/** Runs one function as Lambda would. */
export interface FunctionHost {
  /** Waits for a free process, or starts one up to the limit. Never rejects. */
  invoke(event: unknown): Promise<Invocation>;
  /** Ends every process at once, in the middle of whatever it does; the next invocation starts a new one. */
  kill(): void;
  /** Waits for what runs, then ends the processes. */
  close(): Promise<void>;
}

/**
 * @param more environment beside the template's: where the embedded AWS is, and its credentials.
 * @param processes at most so many events at once.
 * @param write takes what the function prints, line by line.
 */
export const startFunctionHost = (
  fn: ProvisionedFunction,
  {
    more,
    processes,
    write,
  }: { more: Readonly<Record<string, string>>; processes: number; write(line: string): void },
): FunctionHost => {
  const environment = { ...lambdaEnvironment(fn, more), ...fn.environment, ...more };
  const idle: Child[] = [];
  const all = new Set<Child>();
  const waiting: (() => void)[] = [];
  const running = new Set<Promise<Invocation>>();
  let busy = 0;

  const run = async (event: unknown): Promise<Invocation> => {
    if (busy < processes) busy += 1;
    else await new Promise<void>((takeOver) => waiting.push(takeOver));
    const child = takeIdle() ?? new Child(fn, environment, write);
    all.add(child);
    const invocation = await child.invoke(event, fn.timeoutSeconds * 1000);
    idle.push(child);
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
    return invocation;
  };
  /** One may have died since, of itself or killed. */
  const takeIdle = (): Child | undefined => {
    const child = idle.pop();
    if (!child || child.lives) return child;
    all.delete(child);
    return takeIdle();
  };

  const kill = (): void => {
    for (const child of all) child.kill();
    all.clear();
    idle.length = 0;
  };
  return {
    invoke(event) {
      const invocation = run(event).finally(() => running.delete(invocation));
      running.add(invocation);
      return invocation;
    },
    kill,
    async close() {
      await Promise.all(running);
      kill();
    },
  };
};

/** What Lambda itself sets. Nothing of this process's environment is handed down. */
const lambdaEnvironment = (
  { name, assetDir, handler, memoryMb }: ProvisionedFunction,
  more: Readonly<Record<string, string>>,
): Record<string, string> => ({
  _HANDLER: handler,
  LAMBDA_TASK_ROOT: assetDir,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_LOG_GROUP_NAME: name,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_DEFAULT_REGION: more['AWS_REGION'] ?? '',
  TZ: ':UTC',
  // Windows opens no socket without it.
  ...(process.env['SystemRoot'] !== undefined && { SystemRoot: process.env['SystemRoot'] }),
});

/**
 * As the managed runtime starts Node: a tenth is left for what is no heap, and the young generation is a twentieth.
 * With Node's own settings the same work holds half as much again.
 */
export const lambdaHeap = (memoryMb: number): readonly string[] =>
  heapOptions({
    oldMb: Math.floor(memoryMb * 0.9),
    semiSpaceMb: Math.max(1, Math.floor(memoryMb * 0.05)),
  });

/** A function whose own NODE_OPTIONS tell of either generation is left with those: the runtime's start-up looks for it. */
const heapOf = (memoryMb: number, { NODE_OPTIONS = '' }: Readonly<Record<string, string>>) =>
  /--max[-_](old|semi)[-_]space[-_]size/.test(NODE_OPTIONS) ? [] : lambdaHeap(memoryMb);

class Child {
  readonly #process: ChildProcess;
  readonly #ready: Promise<Answer | undefined>;
  /** Undefined: the process ended without an answer. */
  #hear: (answer: Answer | undefined) => void = () => {};
  #exit: string | undefined;
  #fresh = true;

  constructor(fn: ProvisionedFunction, env: Record<string, string>, write: (line: string) => void) {
    // The warning would tell that type stripping is experimental, once a process.
    this.#process = spawn(process.execPath, [...heapOf(fn.memoryMb, env), '--no-warnings', RUNTIME], {
      cwd: fn.assetDir,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) if (stream) pipeLines(stream, write);
    this.#ready = new Promise((resolve) => {
      this.#hear = resolve;
    });
    this.#process.on('message', (answer: Answer) => this.#hear(answer));
    const end = (exit: string) => {
      this.#exit ??= exit;
      this.#hear(undefined);
    };
    this.#process.once('error', (error) => end(error.message));
    this.#process.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  }

  get lives(): boolean {
    return this.#exit === undefined;
  }

  kill(): void {
    this.#exit ??= 'SIGKILL';
    this.#process.kill('SIGKILL');
  }

  async invoke(event: unknown, timeout: Ms): Promise<Invocation> {
    const startedAt = performance.now();
    const first = await this.#ready;
    const init = this.#fresh && first?.kind === 'ready' ? { initMs: first.initMs } : {};
    this.#fresh = false;
    const report = () => ({ durationMs: performance.now() - startedAt, ...init });
    if (first?.kind === 'broken') {
      this.kill();
      return { outcome: 'failed', error: first.error, ...report() };
    }
    if (this.#exit !== undefined) return { outcome: 'ended', exit: this.#exit, ...report() };

    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, timeout);
    const answer = await new Promise<Answer | undefined>((resolve) => {
      this.#hear = resolve;
      const asked: Asked = { event, requestId: randomUUID(), deadlineAt: Date.now() + timeout };
      this.#process.send(asked, (error) => error && resolve(undefined));
    });
    clearTimeout(timer);
    if (timedOut) return { outcome: 'timed-out', ...report() };
    if (answer?.kind === 'returned')
      return { outcome: 'returned', result: answer.result, usage: answer.usage, ...report() };
    if (answer?.kind === 'threw')
      return { outcome: 'failed', error: answer.error, usage: answer.usage, ...report() };
    return { outcome: 'ended', exit: this.#exit ?? 'no answer', ...report() };
  }
}

const pipeLines = (stream: NodeJS.ReadableStream, write: (line: string) => void): void => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) write(line);
  });
  stream.on('end', () => rest !== '' && write(rest));
};
