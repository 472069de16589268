import type { Row } from './column.ts';
import type { CuratedRow } from './curated-row.ts';
import { joinRecord, type MASKED_STORED } from './stored-columns.ts';

/** A row of a masked file: what of a call may be seen by those who may see no number, name or recording. */
export type MaskedRow = Row<typeof MASKED_STORED>;

/** Digits of a subscriber's number in India, as they stand at the end of every spelling of it. */
const NUMBER_DIGITS = 10;
/** Of another country's number, where its own people leave out what comes before. */
const FOREIGN_DIGITS = 8;
/** Shorter ones are extensions and codes, which stand in many a text by chance. */
const LEAST_DIGITS = 7;

const INDIAN = /^(?:91|0|0091)?\d{10}$/;
/** Members of a record, at any depth, that hold numbers of people; the account's own is none. */
const NUMBERS = /"(?!did_number)(?:\w*num(?:ber)?\w*|destination\w*|field_0)"\s*:\s*"?([^",}\]]*)/gi;
/** What people write inside a number. */
const SEPARATORS = /[\s().+-]/g;

/** Digits of Arabic and Persian end in their value, those of Devanagari and Bengali six after it. */
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]/g;
const valueOf = (digit: string): string => {
  const code = digit.charCodeAt(0);
  return String((code < 0x900 ? code : code - 6) & 0xf);
};

/** Plain digits for those of other scripts, and nothing for what an address writes as `%20`. */
const plainText = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(OTHER_DIGITS, valueOf)
    .replaceAll(/%[0-9a-f]{2}/gi, ' ');

const digitsOf = (text: string): string => plainText(text).replaceAll(/\D/g, '');

/** By what a number is known wherever it stands. */
const numbersIn = (text: string): string[] => {
  const isForeign = /^\s*\+(?!91)/.test(text);
  return (plainText(text).replaceAll(SEPARATORS, '').match(/\d+/g) ?? [])
    .filter((run) => run.length >= LEAST_DIGITS)
    .map((run) => run.slice(!isForeign && INDIAN.test(run) ? -NUMBER_DIGITS : -FOREIGN_DIGITS));
};

/** Of everybody in the call but the account itself. Extensions are nobody's, and as a rule the agent's id. */
const numbersOf = (row: CuratedRow): readonly string[] => {
  const own = digitsOf(row.did ?? '');
  const others = [...joinRecord(row).matchAll(NUMBERS)]
    .flatMap(([, text = '']) => (/extension/i.test(text) ? [] : numbersIn(text)))
    .filter((number) => !own.includes(number));
  return [...new Set([...numbersIn(row.customer ?? ''), ...others])];
};

/**
 * The row without its personal columns, and the customer under an alias. The source may write anything anywhere, so a
 * text that holds a number of the call, its agent's name or an address is left out too. A key that is no plain `id` is a
 * hash that can be guessed, or may be the number: it has its alias.
 * @param alias gives the same word for the same text
 */
export const maskedRow = (row: CuratedRow, alias: (text: string) => string): MaskedRow => {
  const numbers = numbersOf(row);
  const tells = (text: string) => {
    if (row.agent_name !== null && text.includes(row.agent_name)) return true;
    if (text.includes('://')) return true;
    const digits = text.length < LEAST_DIGITS ? '' : digitsOf(text);
    return digits.length >= LEAST_DIGITS && numbers.some((number) => digits.includes(number));
  };
  const shown = (text: string | null) => (text !== null && tells(text) ? null : text);
  return {
    key: row.key.startsWith('~') || tells(row.key) ? `~${alias(row.key)}` : row.key,
    call_id: shown(row.call_id),
    uuid: shown(row.uuid),
    direction: shown(row.direction),
    status: shown(row.status),
    service: shown(row.service),
    start_at: row.start_at,
    end_at: row.end_at,
    answered_at: row.answered_at,
    duration_seconds: row.duration_seconds,
    answered_seconds: row.answered_seconds,
    wait_seconds: row.wait_seconds,
    talk_seconds: row.talk_seconds,
    hold_seconds: row.hold_seconds,
    customer: row.customer === null ? null : alias(row.customer),
    did: shown(row.did),
    did_original: shown(row.did_original),
    agent_id: shown(row.agent_id),
    agents_answered: row.agents_answered,
    department: shown(row.department),
    queue: shown(row.queue),
    campaign: shown(row.campaign),
    disposition: shown(row.disposition),
    sub_disposition: shown(row.sub_disposition),
    sla: shown(row.sla),
    hangup_cause: shown(row.hangup_cause),
    reason: shown(row.reason),
    circle: shown(row.circle),
    operator: shown(row.operator),
    has_recording: row.has_recording,
    first_seen_at: row.first_seen_at,
    revised_at: row.revised_at,
    revision: row.revision,
    revisions: row.revisions,
  };
};
