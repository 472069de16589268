import fc from 'fast-check';
import { type CountryCode, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/examples.mobile.json';
import { expect, test } from 'vitest';
import { toE164 } from '../../shared/core/phone.ts';

const numberOf = (length: number) => fc.stringMatching(new RegExp(`^[1-9]\\d{${length - 1}}$`));

/** Every way in which the source or a person may write ten digits of India. */
const WAYS: readonly ((ten: string) => string)[] = [
  (ten) => ten,
  (ten) => `0${ten}`,
  (ten) => `91${ten}`,
  (ten) => `+91${ten}`,
  (ten) => `0091${ten}`,
  (ten) => `+91 (0)${ten}`,
  (ten) => ` +91 ${ten.slice(0, 5)}-${ten.slice(5)} `,
];

test('numbers of India that libphonenumber calls valid are read as it reads them, however they are written', () => {
  fc.assert(
    fc.property(numberOf(10), (ten) => {
      const judged = parsePhoneNumberFromString(ten, 'IN');
      return judged?.isValid() !== true || WAYS.every((write) => toE164(write(ten)) === judged.number);
    }),
    { numRuns: 2_000 },
  );
});

test('a mobile number of any country is read as libphonenumber reads it; without + where it is longer than ten digits', () => {
  const wrong = Object.keys(examples).filter((country) => {
    const number = getExampleNumber(country as CountryCode, examples)?.number;
    if (number === undefined) return false;
    const bare = number.slice(1);
    return toE164(number) !== number || (bare.length > 10 && toE164(bare) !== number);
  });
  expect(wrong).toEqual([]);
});
