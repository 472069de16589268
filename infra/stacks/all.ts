import type { App } from 'aws-cdk-lib';
import type { Config } from '../config.ts';
import { AnalyticsStack } from './analytics.ts';
import { DataStack } from './data.ts';
import { PipelineStack } from './pipeline.ts';

/** Every stack that `cdk deploy --all` installs. */
export const allStacks = (app: App, config: Config) => {
  const data = new DataStack(app, 'smartflo-data', config);
  const pipeline = new PipelineStack(app, 'smartflo-pipeline', { data, config });
  const analytics = new AnalyticsStack(app, 'smartflo-analytics', { data, pipeline, config });
  return { data, pipeline, analytics };
};
