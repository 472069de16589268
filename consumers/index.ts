export { CallChanged, CallCreated, CallEvent, EVENT_SOURCE } from '../shared/contract/call-event.ts';
export { createDynamoDbRevisions } from '../shared/adapters/dynamodb-revisions.ts';
export { createMemoryRevisions } from '../shared/adapters/memory/revisions.ts';
export type { Revisions } from '../shared/ports/revisions.ts';
export { CallBusy, type Guarded, type GuardOptions, guarded } from './guard.ts';
export { type ConsumerParts, createConsumerHandler } from './handler.ts';
