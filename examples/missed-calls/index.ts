import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createConsumerHandler, createDynamoDbRevisions } from 'smartflo-cdr/consumers';
import { keepCallbacks } from './callbacks.ts';
import { createCrm } from './crm.ts';

const { REVISIONS_TABLE = '', CRM_URL = '' } = process.env;
const crm = createCrm(CRM_URL);

export const handler = createConsumerHandler({
  revisions: createDynamoDbRevisions(new DynamoDBClient(), REVISIONS_TABLE),
  work: (event) => keepCallbacks(event, crm),
  now: Date.now,
  tell: (outcome, facts) => process.stdout.write(`${JSON.stringify({ message: outcome, ...facts })}\n`),
});
