import type { Row } from './column.ts';
import type { CuratedRow } from './curated-row.ts';
import type { MASKED_STORED } from './stored-columns.ts';

/** A row of a masked file: what of a call may be seen by those who may see no number, name or recording. */
export type MaskedRow = Row<typeof MASKED_STORED>;

/** Digits of a subscriber's number in India, as they stand at the end of every spelling of it. */
const NUMBER_DIGITS = 10;
/** Shorter ones are extensions and codes, which stand in many a text by chance. */
const LEAST_DIGITS = 7;

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/**
 * The row without its personal columns, and the customer under an alias. The source may write anything anywhere, so a
 * text that holds the customer's number is left out too, or where there must be one has its alias.
 * @param alias gives the same word for the same text
 */
export const maskedRow = (row: CuratedRow, alias: (text: string) => string): MaskedRow => {
  const number = digitsOf(row.customer ?? '').slice(-NUMBER_DIGITS);
  const tells = (text: string) =>
    number.length >= LEAST_DIGITS && text.length >= number.length && digitsOf(text).includes(number);
  const shown = (text: string | null) => (text !== null && tells(text) ? null : text);
  return {
    key: tells(row.key) ? `~${alias(row.key)}` : row.key,
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
