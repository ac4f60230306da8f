import { civilOf, floorDiv, floorMod, MILLIS_PER_DAY } from './calendar.ts';
import { timestampUnit } from './data-type.ts';

/** Four digits as Flink prints years: of 10000 the last four, of negative years characters below '0'. */
function fourDigits(n: number): string {
  const digit = (d: number) => String.fromCharCode(48 + (Math.trunc(n / d) % 10));
  return digit(1000) + digit(100) + digit(10) + digit(1);
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** `yyyy-MM-dd` of days since 1970. */
export function dateText(days: number): string {
  const { year, month, day } = civilOf(days);
  return `${year >= 1000 && year <= 9999 ? year : fourDigits(year)}-${two(month)}-${two(day)}`;
}

/** `HH:mm:ss` and as many digits of the fraction as the precision says (at most 3). */
export function timeText(millis: number, precision: number): string {
  const seconds = Math.trunc(millis / 1000);
  const text = `${two(Math.trunc(seconds / 3600))}:${two(Math.trunc(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const digits = Math.min(precision, 3);
  return digits === 0
    ? text
    : `${text}.${String(millis % 1000)
        .padStart(3, '0')
        .slice(0, digits)}`;
}

/** `yyyy-MM-dd HH:mm:ss.…` of a local timestamp: `precision` digits of fraction. */
export function timestampText(value: bigint, precision: number): string {
  const unit = timestampUnit(precision);
  const seconds = Number(floorDiv(value, unit));
  const days = Math.floor(seconds / 86400);
  const width = unit === 1_000_000n ? 6 : 9;
  const fraction = floorMod(value, unit).toString().padStart(width, '0').slice(0, precision);
  const time = timeText((seconds - days * 86400) * 1000, 0);
  return `${dateText(days)} ${time}${fraction === '' ? '' : `.${fraction}`}`;
}

/** `+1-06`: years and months. */
export function monthsText(months: number): string {
  const magnitude = Math.abs(months);
  return `${months < 0 ? '-' : '+'}${Math.trunc(magnitude / 12)}-${two(magnitude % 12)}`;
}

/** `+5 06:07:08.000`: days and time of day. */
export function millisText(millis: bigint): string {
  const magnitude = millis < 0n ? -millis : millis;
  const day = BigInt(MILLIS_PER_DAY);
  return `${millis < 0n ? '-' : '+'}${magnitude / day} ${timeText(Number(magnitude % day), 3)}`;
}
