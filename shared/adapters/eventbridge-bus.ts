import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { CallEvent } from '../contract/call-event.ts';
import type { DayEvent } from '../contract/day-proof.ts';
import type { Bus } from '../ports/bus.ts';
import { type EntryAnswer, sendInBatches } from './batched-send.ts';

/** Bytes of an entry as PutEvents counts them: source, detail type and detail (EventBridge User Guide, "PutEvents"). */
const bytesOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);

const LIMITS = { entries: 10, bytes: 256 * 1024, bytesOf };

/** Codes of an entry that is wrong in itself. */
const OUR_FAULT = new Set(['MalformedDetail', 'InvalidArgument', 'NotAuthorizedForSourceException']);

/** @param bus name or ARN */
export const createEventBridgeBus = <E extends CallEvent | DayEvent = CallEvent>(
  client: EventBridgeClient,
  bus: string,
): Bus<E> => {
  const request = async (entries: readonly PutEventsRequestEntry[]): Promise<EntryAnswer[]> => {
    const answer = await client.send(new PutEventsCommand({ Entries: [...entries] }));
    return entries.map((_, index) => {
      const entry = answer.Entries?.[index];
      if (entry?.EventId !== undefined && entry.ErrorCode === undefined) return { sent: true };
      const code = entry?.ErrorCode ?? 'NoAnswer';
      return { sent: false, code, again: !OUR_FAULT.has(code) };
    });
  };
  return {
    publish: (events) =>
      sendInBatches(
        events.map((event) => ({
          EventBusName: bus,
          Source: event.source,
          DetailType: event['detail-type'],
          Detail: JSON.stringify(event.detail),
        })),
        LIMITS,
        request,
      ),
  };
};
