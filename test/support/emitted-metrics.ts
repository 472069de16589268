import * as z from 'zod';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import type { EpochMs } from '../../shared/core/time.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';

/** One value as CloudWatch takes it. */
export interface Datapoint {
  readonly namespace: string;
  readonly name: string;
  readonly unit?: string | undefined;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: EpochMs;
}

/** CloudWatch's embedded metric format, as far as it is used. */
const Embedded = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ),
  }),
});
const Values = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

const read = (line: string, at: EpochMs): Datapoint[] => {
  const parsed = Embedded.safeParse(JSON.parse(line));
  if (!parsed.success) return [];
  const { _aws, ...fields } = parsed.data;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name: name, Unit: unit }) =>
        Values.parse(fields[name]).map((value) => ({
          namespace,
          name,
          unit,
          dimensions: Object.fromEntries(names.map((dimension) => [dimension, String(fields[dimension])])),
          value,
          at,
        })),
      ),
    ),
  );
};

const PARTS = new Map<string, ReturnType<typeof createPowertoolsTelemetry>>();

/**
 * Runs something with a function's real telemetry, to the end of its invocation.
 * @returns what CloudWatch would make of what it wrote on stdout, all of it at one instant.
 */
export const emitted = async (
  part: string,
  at: EpochMs,
  invocation: (telemetry: Telemetry) => Promise<unknown> | void,
): Promise<Datapoint[]> => {
  const { telemetry, middleware } = PARTS.get(part) ?? createPowertoolsTelemetry(part);
  PARTS.set(part, { telemetry, middleware });
  const lines: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = (chunk: string | Uint8Array) => lines.push(String(chunk)) > 0;
  try {
    await invocation(telemetry);
    for (const { after } of middleware) if (after?.length === 0) await after({} as never);
  } finally {
    process.stdout.write = write;
  }
  return lines
    .join('')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => read(line, at));
};
