import { civilOf, dayOfYear, daysOf, isoDayOfWeek } from '../types/calendar.ts';
import type { UsWeek } from './date-pattern.ts';

/** A local date and time taken apart, as the patterns name it. */
export interface DateFields {
  readonly days: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  /** 1 = Monday. */
  readonly weekday: number;
  /** 1 = Sunday. */
  readonly usWeekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nano: number;
}

/** The fields of a day and a number of nanoseconds in it. */
export function fieldsOf(days: number, seconds: number, nano: number): DateFields {
  const civil = civilOf(days);
  const weekday = isoDayOfWeek(days);
  return {
    days,
    ...civil,
    dayOfYear: dayOfYear(civil),
    weekday,
    usWeekday: (weekday % 7) + 1,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    nano,
  };
}

export function usWeek(f: DateFields): UsWeek {
  const weekOf = (from: number) => Math.floor((f.days - from + (isoDayOfWeek(from) % 7)) / 7) + 1;
  const next = daysOf(f.year + 1, 1, 1);
  const inNext = f.days >= next - (isoDayOfWeek(next) % 7);
  return {
    year: inNext ? f.year + 1 : f.year,
    week: inNext ? 1 : weekOf(daysOf(f.year, 1, 1)),
    weekOfMonth: weekOf(daysOf(f.year, f.month, 1)),
  };
}
