import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Answer, Asked, Usage } from './function-host.ts';

/**
 * What Lambda's runtime is to a bundle, in a child process of `function-host.ts`: loads the handler that the
 * environment names, then calls it for one event after the other.
 */
type Handler = (event: unknown, context: unknown) => unknown;

const send = (answer: Answer): void => void process.send?.(answer);

// Ctrl-C goes to the whole group; the host decides when its children end.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());

/** On Linux the peak that the system's own account tells is at least what the parent held when it started this process. */
const peakKb = (): number => {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
};

const nameOf = (thrown: unknown) =>
  thrown instanceof Error
    ? { name: thrown.name, message: thrown.message, stack: thrown.stack }
    : { name: 'Error', message: String(thrown), stack: undefined };

const {
  LAMBDA_TASK_ROOT: root = '',
  _HANDLER: named = '',
  AWS_LAMBDA_FUNCTION_NAME: functionName = '',
} = process.env;
const [file, exported = ''] = named.split('.');

try {
  const bundle: Record<string, unknown> = await import(pathToFileURL(join(root, `${file}.mjs`)).href);
  const handler = bundle[exported];
  if (typeof handler !== 'function') throw new TypeError(`the bundle exports no function ${exported}`);
  process.on('message', (asked: Asked) => void answer(handler as Handler, asked));
  // Measured from the start of the process, as Lambda's own init is.
  send({ kind: 'ready', initMs: performance.now() });
} catch (thrown) {
  send({ kind: 'broken', error: nameOf(thrown) });
}

const answer = async (handler: Handler, { event, requestId, deadlineAt }: Asked): Promise<void> => {
  const context = {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${process.env['AWS_REGION']}:000000000000:function:${functionName}`,
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  };
  const usage = (): Usage => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    return {
      peakMemoryMb: Math.round(peakKb() / 1024),
      heapMb: Math.round(process.memoryUsage().heapTotal / 1024 ** 2),
      cpuMs: (userCPUTime + systemCPUTime) / 1000,
    };
  };
  try {
    const result: unknown = await handler(event, context);
    send({ kind: 'returned', result, usage: usage() });
  } catch (thrown) {
    send({ kind: 'threw', error: nameOf(thrown), usage: usage() });
  }
};
