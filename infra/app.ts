import { App } from 'aws-cdk-lib';
import { ConfigUnfit, parseConfig } from './config.ts';
import { allStacks } from './stacks/all.ts';

// The template names its bundles, so that local mode runs what is deployed; no usage report to AWS.
const app = new App({ analyticsReporting: false, postCliContext: { 'aws:cdk:enable-asset-metadata': true } });
try {
  allStacks(app, parseConfig(app.node.tryGetContext('smartflo')));
} catch (thrown) {
  if (!(thrown instanceof ConfigUnfit)) throw thrown;
  // For whoever wrote the file a stack trace is noise.
  process.stderr.write(`${thrown.message}\n`);
  process.exit(1);
}
