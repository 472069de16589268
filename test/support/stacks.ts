import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { parseConfig } from '../../infra/config.ts';
import { DataStack } from '../../infra/stacks/data.ts';
import { PipelineStack } from '../../infra/stacks/pipeline.ts';

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

export interface Resource {
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is read as it comes; a wrong path fails its test
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const made = new Map<string, ReturnType<typeof make>>();

/** The templates that a block `smartflo` gives, without their bundles. Made once for each block. */
export const stacksOf = (block?: unknown) => {
  const text = JSON.stringify(block) ?? '';
  const stacks = made.get(text) ?? make(block);
  made.set(text, stacks);
  return stacks;
};

const make = (block: unknown) => {
  const { context } = CdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  const app = new App({
    analyticsReporting: false,
    // The rule engine takes seconds, and `npm run synth` runs it.
    context: {
      ...context,
      '@aws-cdk/core:validateAgainstDefaultRules': false,
      'aws:cdk:bundling-stacks': [],
    },
  });
  const config = parseConfig(block);
  const data = new DataStack(app, 'smartflo-data', config);
  const pipeline = new PipelineStack(app, 'smartflo-pipeline', { data, config });
  const templates = [data, pipeline].map((stack) => Template.fromStack(stack).toJSON());
  const resources: [string, Resource][] = templates.flatMap((template) =>
    Object.entries<Resource>(template['Resources']),
  );
  return {
    protectedFromDeletion: data.terminationProtection,
    resources,
    outputs: templates.map(
      (template): Record<string, { Value: unknown; Description?: string; Export?: unknown }> =>
        template['Outputs'],
    ),
    ofType: (type: string) => resources.flatMap(([, resource]) => (resource.Type === type ? [resource] : [])),
    named: (logicalId: string) => resources.find(([id]) => id === logicalId)?.[1],
  };
};
