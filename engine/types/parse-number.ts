import { parseBigNumber, toDecimal } from './decimal.ts';
import { EvaluationError } from './evaluation-error.ts';

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text): [string, boolean] => [text, true]),
  ...['f', 'false', 'n', 'no', '0'].map((text): [string, boolean] => [text, false]),
]);

/** Text to BOOLEAN in any case, blanks not trimmed; throws `EvaluationError`. */
export function parseBoolean(text: string): boolean {
  const value = BOOLEANS.get(text.toLowerCase());
  if (value === undefined) throw new EvaluationError(`cannot parse '${text}' as BOOLEAN`);
  return value;
}

const INTEGER = /^ *([+-]?)(?:(\d+)(?:\.\d*)?|(\.)\d*) *$/;

/** Text to an integer of `bits` bits: blanks around and a fraction are dropped, an exponent is not taken. */
export function parseInteger(text: string, bits: number): bigint {
  const match = INTEGER.exec(text);
  if (match === null) throw new EvaluationError(`'${text}' is no integer`);
  const magnitude = BigInt(match[2] ?? 0);
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (BigInt.asIntN(bits, value) !== value) throw new EvaluationError(`'${text}' is out of range`);
  return value;
}

/** Text to the unscaled value of a DECIMAL, rounded HALF_UP; blanks around are dropped. Throws `EvaluationError`. */
export function parseDecimal(text: string, precision: number, scale: number): bigint {
  const number = parseBigNumber(text.replace(/^ +| +$/g, ''));
  if (number === undefined) throw new EvaluationError(`'${text}' is no decimal number`);
  const value = toDecimal(number, precision, scale);
  if (value === null) throw new EvaluationError(`'${text}' does not fit DECIMAL(${precision}, ${scale})`);
  return value;
}
