import { fileURLToPath } from 'node:url';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Construct } from 'constructs';
import { CdrConsumer } from 'smartflo-cdr/constructs';

export interface MissedCallsProps extends StackProps {
  /** The pipeline's bus: the output `EventBus` of `smartflo-data`. */
  readonly eventBusName: string;
  readonly crmUrl: string;
}

/** Missed calls of the pipeline become tasks in a CRM. */
export class MissedCallsStack extends Stack {
  readonly consumer: CdrConsumer;

  constructor(scope: Construct, id: string, { eventBusName, crmUrl, ...props }: MissedCallsProps) {
    super(scope, id, props);
    const handler = new NodejsFunction(this, 'Handler', {
      entry: fileURLToPath(new URL('index.ts', import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(30),
      environment: { CRM_URL: crmUrl },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        // In this repository the package is its sources. Leave it out where the package is installed.
        esbuildArgs: { '--conditions': 'smartflo-cdr-sources' },
      },
    });
    this.consumer = new CdrConsumer(this, 'MissedCalls', {
      bus: EventBus.fromEventBusName(this, 'Bus', eventBusName),
      // Answered ones too: a call that was missed may turn out to be answered, and then leaves the list.
      pattern: { directions: ['inbound'] },
      handler,
    });
  }
}
