import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { CompactionOrder, type CompactionReport } from '../../shared/contract/compaction.ts';
import { MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import { type CompactionPorts, compact } from './compact.ts';

/** The function's own timeout, where the runner does not tell the time that is left. */
const TIMEOUT: Ms = 15 * MINUTE;
/** What is left after the last day: to change over, and to tell. */
const RESERVE: Ms = 15 * SECOND;

/** A schedule's order → the days that are due become files. What a run does not finish, the next one does. */
export const createHandler = (ports: Omit<CompactionPorts, 'timeLeft'>) =>
  middy((event: unknown, context: Partial<Context>): Promise<CompactionReport> => {
    const began = performance.now();
    const timeLeft = () =>
      (context.getRemainingTimeInMillis?.() ?? TIMEOUT - (performance.now() - began)) - RESERVE;
    return compact(CompactionOrder.parse(event), { ...ports, timeLeft });
  });
