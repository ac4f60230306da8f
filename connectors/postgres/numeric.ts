import { powerOfTen } from '../../engine/types/decimal.ts';
import type { ByteBuffer } from './byte-buffer.ts';

/** Digits of base 10 000 of the value being written, lowest first; DECIMAL(38, s) needs at most eleven. */
const digits = new Int16Array(16);
const TWELVE = 1_000_000_000_000n;

/**
 * Writes an unscaled decimal in PostgreSQL's binary format of numeric and returns where it ends:
 *
 *   int16 count of digits | int16 weight of the first (powers of 10 000) | uint16 sign | uint16 scale | int16 digits
 */
export function writeNumeric(buffer: ByteBuffer, at: number, unscaled: bigint, scale: number): number {
  const groups = Math.ceil(scale / 4);
  const magnitude = (unscaled < 0n ? -unscaled : unscaled) * powerOfTen(groups * 4 - scale);
  const count = splitDigits(magnitude);
  let lowest = 0;
  while (lowest < count && digits[lowest] === 0) lowest++;
  const bytes = buffer.reserve(at + 8 + (count - lowest) * 2, at);
  bytes.writeInt16BE(count - lowest, at);
  bytes.writeInt16BE(count === 0 ? 0 : count - 1 - groups, at + 2);
  bytes.writeUInt16BE(unscaled < 0n ? 0x4000 : 0, at + 4);
  bytes.writeUInt16BE(scale, at + 6);
  let end = at + 8;
  for (let i = count - 1; i >= lowest; i--) {
    bytes.writeInt16BE(digits[i]!, end);
    end += 2;
  }
  return end;
}

/** Fills `digits` and returns how many there are, leading zeros aside. Works in doubles, three digits at a time. */
function splitDigits(magnitude: bigint): number {
  let rest = magnitude;
  let count = 0;
  while (rest >= TWELVE) {
    const low = Number(rest % TWELVE);
    rest /= TWELVE;
    digits[count++] = low % 10_000;
    digits[count++] = Math.floor(low / 10_000) % 10_000;
    digits[count++] = Math.floor(low / 100_000_000);
  }
  for (let last = Number(rest); last > 0; last = Math.floor(last / 10_000)) digits[count++] = last % 10_000;
  return count;
}
