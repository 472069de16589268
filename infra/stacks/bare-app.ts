import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { parseConfig } from '../config.ts';
import { allStacks } from './all.ts';

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/**
 * All stacks as cdk.json makes them, but without bundles: for what looks at templates only.
 *
 * @param block in place of cdk.json's `smartflo`.
 * @param validated with the CDK's rule engine, which ends a synthesis on its errors; it takes seconds.
 * @param outdir where the templates go; a temporary folder where it is left out.
 */
export const bareApp = (
  block?: unknown,
  { validated = false, outdir }: { validated?: boolean; outdir?: string } = {},
) => {
  const text = readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8');
  const { context } = CdkJson.parse(JSON.parse(text));
  const app = new App({
    analyticsReporting: false,
    ...(outdir !== undefined && { outdir }),
    builtinCloudFormationValidation: validated,
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
  });
  return { app, ...allStacks(app, parseConfig(block)) };
};
