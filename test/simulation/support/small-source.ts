import type { ServerResponse } from 'node:http';
import { type EpochMs, istStamp, parseIstStamp, SECOND } from '../../../shared/core/time.ts';
import { type Asked, type Answerer, reply } from '../../support/source-server.ts';

/** A call with its record, as the source shows it: compact, one char a byte. */
export interface SmallCall {
  readonly startAt: EpochMs;
  readonly raw: string;
}

/** What one request asks for. */
export interface AskedPage {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly page: number;
  readonly limit: number;
  /** Seconds that a call must have lasted. */
  readonly duration: number;
}

/** A record as small as may be, with an `id` made like the vendor's. */
export const smallCall = (startAt: EpochMs, more: Readonly<Record<string, unknown>> = {}): SmallCall => {
  const [date, time] = istStamp(startAt).split(' ');
  const stored = Math.floor(startAt / SECOND + 12).toString(16);
  const id = `${stored}${'0'.repeat(16)}`;
  const fields = { id, date, time, end_stamp: istStamp(startAt + 10 * SECOND), call_duration: 10, ...more };
  return { startAt, raw: Buffer.from(JSON.stringify(fields)).toString('latin1') };
};

/** Undefined where it is not call records that are asked for. */
export const readAsked = ({ path }: Asked): AskedPage | undefined => {
  const url = new URL(path, 'http://127.0.0.1');
  if (url.pathname !== '/v1/call/records') return undefined;
  const value = (name: string) => url.searchParams.get(name) ?? '';
  return {
    from: parseIstStamp(value('from_date')) ?? Number.NaN,
    to: parseIstStamp(value('to_date')) ?? Number.NaN,
    page: Number(value('page')),
    limit: Number(value('limit')),
    duration: Number(value('duration')),
  };
};

/** Whether a request's answer would show calls that began then: both bounds count. */
export const covers = ({ from, to }: AskedPage, at: EpochMs): boolean => from <= at && at <= to;

/** The page as the vendor answers: newest start first. */
export const smallPage = (calls: readonly SmallCall[], asked: AskedPage): Buffer => {
  const found = calls
    .filter((call) => covers(asked, call.startAt) && asked.duration <= 10)
    .sort((a, b) => b.startAt - a.startAt);
  const shown = found.slice((asked.page - 1) * asked.limit, asked.page * asked.limit);
  const results = shown.map(({ raw }) => raw).join(',');
  return Buffer.from(`{"count":${found.length},"limit":${asked.limit},"results":[${results}]}`, 'latin1');
};

/** Grants every login: a token of its own, for an hour. */
export const grantLogin = (response: ServerResponse, token = 'token'): void =>
  reply(response, 200, { success: true, access_token: token, token_type: 'bearer', expires_in: 3600 });

/**
 * A source with these calls.
 * @param instead answers a request for records in another way, and tells whether it did
 */
export const smallSource =
  (
    calls: readonly SmallCall[],
    instead: (asked: AskedPage, response: ServerResponse) => boolean = () => false,
  ): Answerer =>
  (asked, response) => {
    const records = readAsked(asked);
    if (!records) return grantLogin(response);
    if (!instead(records, response)) reply(response, 200, smallPage(calls, records));
  };
