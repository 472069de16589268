import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Digits and the signs that people put between them; a leading `+` or `00` says "international". */
const NUMBER = /^(?:\+|00)?[\d\s().-]{3,32}$/;

const parse = (text: string): string | undefined => {
  const number = parsePhoneNumberFromString(text, 'IN');
  return number?.isPossible() ? number.number : undefined;
};

/**
 * A phone number as E.164 (`+919…`); undefined where the text is none, as `Extension-…` is not.
 *
 * The source writes a customer without `+` (`91` and ten digits) and its own numbers with it. What is no
 * possible number of India is read as international without its `+`. Possible means that the length fits:
 * the numbering plan changes faster than this code, and a wrong "invalid" would hide a caller.
 */
export const toE164 = (text: string): string | undefined => {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  if (trimmed.startsWith('00')) return parse(`+${trimmed.slice(2)}`);
  return parse(trimmed) ?? (trimmed.startsWith('+') ? undefined : parse(`+${trimmed}`));
};

/**
 * A number that may be shown: all digits but the last four are stars, all of them where that would leave
 * fewer than five hidden. What is not E.164 may hold anything, so nothing of it is shown.
 */
export const maskNumber = (text: string): string => {
  if (!/^\+\d+$/.test(text)) return '***';
  const shown = text.length >= 10 ? 4 : 0;
  return `+${'*'.repeat(text.length - 1 - shown)}${text.slice(text.length - shown)}`;
};
