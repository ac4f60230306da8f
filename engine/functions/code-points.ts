import { codePointCount, codePointWidth } from '../types/bytes-text.ts';

/** Whether a text has no surrogates, so that indexes count code points. */
function isFlat(value: string): boolean {
  for (let i = 0; i < value.length; i++) if ((value.charCodeAt(i) & 0xf800) === 0xd800) return false;
  return true;
}

/** UTF-16 index of the n-th code point (from 0), the length where there are fewer. */
export function indexOfCodePoint(value: string, n: number): number {
  if (isFlat(value)) return Math.min(n, value.length);
  let index = 0;
  for (let i = 0; i < n && index < value.length; i++) index += codePointWidth(value, index);
  return index;
}

/** Code points from `start` (0-based) up to `end`, exclusive. */
export function sliceCodePoints(value: string, start: number, end: number): string {
  if (start >= end) return '';
  return value.slice(indexOfCodePoint(value, start), indexOfCodePoint(value, end));
}

/** 1-based position of `part` at or after the code point `from` (0-based); 0 where it is not, 1 for an empty part. */
export function positionOf(value: string, part: string, from: number): number {
  if (part === '') return 1;
  const index = value.indexOf(part, from <= 0 ? 0 : indexOfCodePoint(value, from));
  return index < 0 ? 0 : codePointCount(value.slice(0, index)) + 1;
}

export function reverse(value: string): string {
  if (!isFlat(value)) return Array.from(value).reverse().join('');
  let result = '';
  for (let i = value.length - 1; i >= 0; i--) result += value[i];
  return result;
}
