import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Digits and the signs that people put between them; a leading `+` or `00` says "international". */
const NUMBER = /^(?:\+|00)?[\d\s().-]{3,32}$/;
/** E.164 has at most 15 digits; with a country's code hardly fewer than 8. */
const INTERNATIONAL = /^[1-9]\d{7,14}$/;
/** National numbers of India have ten digits: longer ones that have no leading zero begin with a country's code. */
const NATIONAL = /^(?:0|\d{1,10}$)/;

const validNumber = (text: string): string | undefined => {
  const number = parsePhoneNumberFromString(text, 'IN');
  return number?.isValid() ? number.number : undefined;
};

/**
 * A phone number as E.164 (`+919…`); undefined where the text is none, as `Extension-…` is not.
 *
 * The source writes a customer without `+` (`91` and ten digits) and its own numbers with it. What fits no
 * numbering plan is judged by its length alone: plans change faster than this code, and a caller must not be
 * hidden by that.
 */
export const toE164 = (text: string): string | undefined => {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const digits = trimmed.replace(/\D/g, '').replace(/^00(?=[1-9])/, '');
  const national = !/^(?:\+|00)/.test(trimmed) && NATIONAL.test(digits);
  const valid = validNumber(national ? digits : `+${digits}`);
  if (valid !== undefined) return valid;
  if (!INTERNATIONAL.test(digits)) return undefined;
  return national ? `+91${digits}` : `+${digits}`;
};

/**
 * A number that may be shown: all digits but the last four are stars, and all of them where fewer than five
 * would be hidden. What is not E.164 may hold anything, so nothing of it is shown.
 */
export const maskNumber = (text: string): string => {
  if (!/^\+\d+$/.test(text)) return '***';
  const shown = text.length >= 10 ? 4 : 0;
  return `+${'*'.repeat(text.length - 1 - shown)}${text.slice(text.length - shown)}`;
};
