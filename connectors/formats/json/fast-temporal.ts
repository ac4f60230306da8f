import { daysInMonth, daysOf } from '../../../engine/types/calendar.ts';

/** Where the timestamp ended that `timestampAt` read last. */
export const temporalEnd = new Int32Array(1);

/** The number of two digits, or something negative or above 99 where they are none. */
function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** Days since 1970 of `"yyyy-MM-dd` at `at` (the quote first), a real day from 1970 to 2250; NaN for all else. */
export function dateAt(bytes: Buffer, at: number): number {
  const century = twoDigits(bytes, at + 1);
  const ofCentury = twoDigits(bytes, at + 3);
  const month = twoDigits(bytes, at + 6);
  const day = twoDigits(bytes, at + 9);
  const year = century * 100 + ofCentury;
  const marks = bytes[at] === 34 && bytes[at + 5] === 45 && bytes[at + 8] === 45;
  if (!marks || ofCentury < 0 || year < 1970 || year > 2250 || month < 1 || month > 12) return Number.NaN;
  return day >= 1 && day <= daysInMonth(year, month) ? daysOf(year, month, day) : Number.NaN;
}

/**
 * Microseconds since 1970 of `"yyyy-MM-dd HH:mm:ss[.fraction][Z]"` at `at`, the separator as given; sets
 * `temporalEnd`. NaN for everything out of the ordinary.
 */
export function timestampAt(bytes: Buffer, at: number, separator: number, zulu: boolean): number {
  const days = dateAt(bytes, at);
  const hour = twoDigits(bytes, at + 12);
  const minute = twoDigits(bytes, at + 15);
  const second = twoDigits(bytes, at + 18);
  const marks = bytes[at + 11] === separator && bytes[at + 14] === 58 && bytes[at + 17] === 58;
  if (!marks || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return Number.NaN;
  let pos = at + 20;
  let micros = 0;
  if (bytes[pos] === 46) {
    const first = ++pos;
    let scale = 100_000;
    let digit = bytes[pos]! - 48;
    while (digit >= 0 && digit <= 9 && pos < first + 9) {
      micros += digit * scale;
      scale = Math.trunc(scale / 10);
      digit = bytes[++pos]! - 48;
    }
  }
  if (zulu && bytes[pos++] !== 90) return Number.NaN;
  if (bytes[pos] !== 34) return Number.NaN;
  temporalEnd[0] = pos + 1;
  return ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micros;
}
