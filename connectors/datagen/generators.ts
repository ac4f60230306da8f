import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import { timestampUnit, typeText } from '../../engine/types/data-type.ts';
import { decimalText, powerOfTen } from '../../engine/types/decimal.ts';
import { doubleText, floatText } from '../../engine/types/java-double.ts';
import {
  type FieldOptions,
  integerRange,
  type ReportField,
  readFieldOption,
  readNullRate,
  readNumber,
} from './field-options.ts';
import type { Random } from './random.ts';

/** Makes the value of one field of row `row`, counted from 0; `random` stands at the begin of that field's numbers. */
export interface Generator {
  /** Rows until it has no more; undefined: endless. */
  readonly rows: number | undefined;
  next(random: Random, row: number): Scalar;
}

const shared = ['kind', 'null-rate'];

/** The generator of a field, or undefined after reporting what is wrong with its options. */
export function generatorOf(type: DataType, options: FieldOptions, report: ReportField): Generator | undefined {
  let ok = true;
  const sink: ReportField = (rest, message) => {
    ok = false;
    report(rest, message);
  };
  const generator =
    readFieldOption('kind', options, sink) === 'sequence'
      ? sequence(type, options, sink)
      : withNulls(random(type, options, sink), readNullRate(options, sink));
  return ok ? generator : undefined;
}

function checkKeys(
  options: FieldOptions,
  known: readonly string[],
  nested: readonly string[],
  report: ReportField,
): boolean {
  let right = true;
  for (const key of options.keys()) {
    if (known.includes(key) || shared.includes(key) || nested.some((name) => key.startsWith(`${name}.`))) continue;
    const all = [...shared, ...known, ...nested.map((name) => `${name}.…`)].map((k) => `'${k}'`).join(', ');
    report(key, `the field has no option '${key}': it has ${all}`);
    right = false;
  }
  return right;
}

function under(options: FieldOptions, name: string): FieldOptions {
  const prefix = `${name}.`;
  return new Map(
    [...options].flatMap(([k, v]) => (k.startsWith(prefix) ? [[k.slice(prefix.length), v] as const] : [])),
  );
}

function withNulls(generator: Generator, rate: number): Generator {
  if (rate === 0) return generator;
  return { rows: generator.rows, next: (r, row) => (r.unit() < rate ? null : generator.next(r, row)) };
}

function sequence(type: DataType, options: FieldOptions, report: ReportField): Generator {
  const right = checkKeys(options, ['start', 'end'], [], report);
  const long: DataType = { kind: 'BIGINT', nullable: false };
  for (const key of ['start', 'end']) {
    if (right && !options.has(key)) report('kind', `a sequence needs '${key}'`);
  }
  const from = readNumber('start', long, options, report);
  const to = readNumber('end', long, options, report);
  const start = BigInt(from ?? 0n);
  const end = BigInt(to ?? 0n);
  if (from !== undefined && to !== undefined && start > end)
    report('start', `a sequence cannot start at ${start}, after its end ${end}`);
  const convert = sequenceValue(type);
  if (convert === undefined) report('kind', `a sequence cannot be of type ${typeText(type, false)}`);
  const rows = Number(end - start) + 1;
  return { rows, next: (_, row) => convert!(start + BigInt(row)) };
}

function sequenceValue(type: DataType): ((value: bigint) => Scalar) | undefined {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return String;
    case 'TINYINT':
      return (value) => Number(BigInt.asIntN(8, value));
    case 'SMALLINT':
      return (value) => Number(BigInt.asIntN(16, value));
    case 'INT':
      return (value) => Number(BigInt.asIntN(32, value));
    case 'BIGINT':
      return (value) => value;
    case 'FLOAT':
      return (value) => Math.fround(Number(value));
    case 'DOUBLE':
      return Number;
    case 'DECIMAL':
      return (value) => {
        const unscaled = value * powerOfTen(type.scale);
        return decimalText(unscaled, 0).replace('-', '').length > type.precision ? null : unscaled;
      };
    default:
      return undefined;
  }
}

const HEX = '0123456789abcdef';

function random(type: DataType, options: FieldOptions, report: ReportField): Generator {
  switch (type.kind) {
    case 'BOOLEAN':
      checkKeys(options, [], [], report);
      return endless((r) => r.word() % 2 === 0);
    case 'CHAR':
    case 'VARCHAR': {
      const length = lengthOf(type, options, report);
      return endless((r) => Array.from({ length: length(r) }, () => HEX[r.word() & 15]).join(''));
    }
    case 'BINARY':
    case 'VARBINARY': {
      const length = lengthOf(type, options, report);
      return endless((r) => Uint8Array.from({ length: length(r) }, () => r.word() & 255));
    }
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME': {
      const [least, greatest] = integerRange(type)!;
      const { min, max } = bounds(type, options, report, least, greatest);
      const [low, span] = [BigInt(min), BigInt(max) - BigInt(min) + 1n];
      if (type.kind === 'BIGINT' || type.kind === 'INTERVAL_DAY_TIME') return endless((r) => low + r.bigBelow(span));
      const [start, count] = [Number(low), Number(span)];
      return endless((r) => start + r.below(count));
    }
    case 'FLOAT':
    case 'DOUBLE': {
      const greatest = type.kind === 'FLOAT' ? 3.4028234663852886e38 : Number.MAX_VALUE;
      const range = bounds(type, options, report, -greatest, greatest);
      const [min, max] = [Number(range.min), Number(range.max)];
      const value = (r: Random) => {
        const share = r.unit();
        return min * (1 - share) + max * share;
      };
      return endless(type.kind === 'FLOAT' ? (r) => Math.fround(value(r)) : value);
    }
    case 'DECIMAL': {
      const greatest = powerOfTen(type.precision) - 1n;
      const { min, max } = bounds(type, options, report, -greatest, greatest);
      const [low, span] = [BigInt(min), BigInt(max) - BigInt(min) + 1n];
      return endless((r) => low + r.bigBelow(span));
    }
    case 'DATE':
      checkKeys(options, [], [], report);
      return endless(() => Math.floor(Date.now() / 86_400_000));
    case 'TIME':
      checkKeys(options, [], [], report);
      return endless(() => Date.now() % 86_400_000);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      checkKeys(options, ['max-past'], [], report);
      const past = readFieldOption('max-past', options, report) ?? 0;
      const perMilli = timestampUnit(type.precision) / 1000n;
      return endless((r) => BigInt(Date.now() - (past === 0 ? 0 : r.below(past))) * perMilli);
    }
    case 'ARRAY':
    case 'MULTISET': {
      checkKeys(options, ['length'], ['element'], report);
      const length = readFieldOption('length', options, report) ?? 3;
      const element = nested(type.element, options, 'element', report);
      if (type.kind === 'ARRAY') return endless((r, row) => Array.from({ length }, () => element(r, row)));
      return endless((r, row) => new Map(Array.from({ length }, () => [element(r, row), 1 + r.below(10)])));
    }
    case 'MAP': {
      checkKeys(options, ['length'], ['key', 'value'], report);
      const length = readFieldOption('length', options, report) ?? 3;
      const key = nested(type.key, options, 'key', report);
      const value = nested(type.value, options, 'value', report);
      return endless((r, row) => new Map(Array.from({ length }, () => [key(r, row), value(r, row)])));
    }
    case 'ROW': {
      const names = type.fields.map((f) => f.name);
      checkKeys(options, [], names, report);
      const values = type.fields.map((f) => nested(f.type, options, f.name, report));
      return endless((r, row) => values.map((next) => next(r, row)));
    }
    case 'NULL':
      return endless(() => null);
  }
}

function endless(next: (random: Random, row: number) => Scalar): Generator {
  return { rows: undefined, next };
}

function nested(
  type: DataType,
  options: FieldOptions,
  name: string,
  report: ReportField,
): (random: Random, row: number) => Scalar {
  const generator = generatorOf(type, under(options, name), (rest, message) => report(`${name}.${rest}`, message));
  return (r, row) => generator?.next(r, row) ?? null;
}

/** Texts and bytes: CHAR and BINARY have their length, others 100 unless told otherwise, never more than declared. */
function lengthOf(
  type: Extract<DataType, { length: number }>,
  options: FieldOptions,
  report: ReportField,
): (random: Random) => number {
  checkKeys(options, ['length', 'var-len'], [], report);
  const given = readFieldOption('length', options, report);
  const fixed = type.kind === 'CHAR' || type.kind === 'BINARY';
  if (given !== undefined && given > type.length) {
    report(
      'length',
      `a ${typeText(type, false)} has no ${given} ${type.kind.endsWith('CHAR') ? 'characters' : 'bytes'}`,
    );
  }
  const length = fixed ? type.length : Math.min(given ?? 100, type.length);
  if (readFieldOption('var-len', options, report) !== true) return () => length;
  if (fixed) report('var-len', `a ${typeText(type, false)} has a fixed length`);
  return (r) => 1 + r.below(length);
}

function bounds(
  type: DataType,
  options: FieldOptions,
  report: ReportField,
  least: number | bigint,
  greatest: number | bigint,
): { min: number | bigint; max: number | bigint } {
  checkKeys(options, ['min', 'max'], [], report);
  const min = readNumber('min', type, options, report) ?? least;
  const max = readNumber('max', type, options, report) ?? greatest;
  if (min > max) report('min', `'min' ${show(type, min)} is greater than 'max' ${show(type, max)}`);
  return { min, max };
}

function show(type: DataType, value: number | bigint): string {
  if (type.kind === 'DECIMAL') return decimalText(BigInt(value), type.scale);
  if (typeof value === 'bigint' || Number.isInteger(value)) return String(value);
  return type.kind === 'FLOAT' ? floatText(value) : doubleText(value);
}
