import { App } from 'aws-cdk-lib';
import { MissedCallsStack } from './stack.ts';

const { EVENT_BUS_NAME, CRM_URL } = process.env;
if (!EVENT_BUS_NAME || !CRM_URL) {
  process.stderr.write('wanted: EVENT_BUS_NAME (an output of smartflo-data) and CRM_URL\n');
  process.exit(2);
}
new MissedCallsStack(new App(), 'missed-calls', { eventBusName: EVENT_BUS_NAME, crmUrl: CRM_URL });
