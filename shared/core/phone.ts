/** Digits and the signs that people put between them; a leading `+` or `00` says "international". */
const NUMBER = /^(?:\+|00)?[\d\s().-]{3,32}$/;
/** E.164 has at most 15 digits; the shortest that are given out have 7, code included. */
const INTERNATIONAL = /^[1-9]\d{6,14}$/;
/** Ten digits, or the toll-free and shared-cost numbers, which are longer. Without the trunk prefix `0`. */
const NATIONAL = /^(?:[1-9]\d{9}|18[06]0\d{6,7})$/;

/**
 * A phone number as E.164 (`+919…`); undefined where the text is none, as `Extension-…` is not.
 *
 * The source writes a customer as `91` and ten digits without `+`, and its own numbers with it. So ten digits are a
 * number of India, and more begin with a country's code. Numbers are judged by their length, not by numbering
 * plans: plans change faster than this code, and a caller must not be hidden by that.
 *
 * Where libphonenumber-js calls a number valid, this agrees (test/property/phone.test.ts). The library itself would be
 * 121 KB of a bundle that has 540 (min metadata, 1.13.16).
 */
export const toE164 = (text: string): string | undefined => {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const isMarked = /^(?:\+|00)/.test(trimmed);
  const digits = trimmed.replace(/\D/g, '').replace(isMarked ? /^00/ : /^0+/, '');
  if (!isMarked && NATIONAL.test(digits)) return `+91${digits}`;
  if (!INTERNATIONAL.test(digits) || (!isMarked && digits.length <= 10)) return undefined;
  // `+91 (0)98…`: the trunk prefix is no part of a number with its country's code.
  return `+${digits.replace(/^910(?=\d{10}$)/, '91')}`;
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
