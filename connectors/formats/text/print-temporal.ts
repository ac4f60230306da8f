import { civilOf, floorDiv, floorMod } from '../../../engine/types/calendar.ts';
import { timeText } from '../../../engine/types/time-text.ts';

/** `yyyy-MM-dd` of days since 1970-01-01; years beyond 9999 with a sign, as ISO 8601 has it. */
export function printDate(days: number): string {
  const { year, month, day } = civilOf(days);
  const digits = String(Math.abs(year)).padStart(4, '0');
  const sign = year < 0 ? '-' : year > 9999 ? '+' : '';
  return `${sign}${digits}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}

/** The parts of a timestamp of `value` units since 1970-01-01, `unit` to the second. */
export interface TimestampParts {
  readonly date: string;
  /** HH:mm:ss */
  readonly time: string;
  /** The digits of the fraction without zeros at its end; empty where it is 0. */
  readonly fraction: string;
}

export function timestampParts(value: bigint, unit: bigint): TimestampParts {
  const units = Number(floorMod(value, unit));
  const seconds = Number(floorDiv(value, unit));
  const days = Math.floor(seconds / 86400);
  const fraction =
    units === 0
      ? ''
      : String(units)
          .padStart(unit === 1_000_000n ? 6 : 9, '0')
          .replace(/0+$/, '');
  return { date: printDate(days), time: timeText((seconds - days * 86400) * 1000, 0), fraction };
}
