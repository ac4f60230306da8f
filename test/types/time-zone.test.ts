import { describe, expect, it } from 'vitest';
import { findTimeZone } from '../../engine/types/time-zone.ts';

const at = (text: string) => Date.parse(`${text}Z`);
const text = (millis: number) => new Date(millis).toISOString().slice(0, 19);
const newYork = findTimeZone('America/New_York')!;

describe('time zones', () => {
  it('know offsets around a change to the second', () => {
    expect(newYork.offsetAt(at('2024-03-10T06:59:59'))).toBe(-5 * 3_600_000);
    expect(newYork.offsetAt(at('2024-03-10T07:00:00'))).toBe(-4 * 3_600_000);
    expect(newYork.offsetAt(at('2024-11-03T05:59:59'))).toBe(-4 * 3_600_000);
    expect(newYork.offsetAt(at('2024-11-03T06:00:00'))).toBe(-5 * 3_600_000);
  });

  it('put the clock forward in a gap', () => {
    expect(text(newYork.instantOf(at('2024-03-10T02:30:00')))).toBe('2024-03-10T07:30:00');
  });

  it('take the earlier instant of a time that comes twice', () => {
    expect(text(newYork.instantOf(at('2024-11-03T01:30:00')))).toBe('2024-11-03T05:30:00');
  });

  it('have the local mean times of old, seconds included', () => {
    // Madras time: 5 hours 21 minutes 10 seconds.
    expect(findTimeZone('Asia/Kolkata')!.offsetAt(at('1901-12-13T20:45:52'))).toBe(19_270_000);
  });

  it('are found by offset too, unknown names are none', () => {
    expect(findTimeZone('GMT+08:00')!.offsetAt(0)).toBe(28_800_000);
    expect(findTimeZone('-03:30')!.offsetAt(0)).toBe(-12_600_000);
    expect(findTimeZone('UTC')!.utc).toBe(true);
    expect(findTimeZone('Mars/Olympus')).toBeUndefined();
    expect(findTimeZone('+19:00')).toBeUndefined();
  });

  it('agree with the round trip local → instant → local outside of gaps', () => {
    for (const id of [
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Africa/Casablanca',
      'Asia/Kathmandu',
    ]) {
      const zone = findTimeZone(id)!;
      for (let instant = at('2023-01-01T00:10:00'); instant < at('2025-01-01T00:00:00'); instant += 7_321_000) {
        const local = instant + zone.offsetAt(instant);
        const back = zone.instantOf(local);
        expect(back + zone.offsetAt(back), `${id} ${text(instant)}`).toBe(local);
        expect(back, `${id} ${text(instant)}`).toBeLessThanOrEqual(instant);
      }
    }
  });
});
