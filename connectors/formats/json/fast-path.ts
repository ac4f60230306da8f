import type { DataType } from '../../../engine/types/data-type.ts';
import { generate } from '../../../engine/types/generate.ts';
import type { ColumnBuilder } from '../column-builder.ts';
import type { TimestampStandard } from '../text/parse-temporal.ts';
import { dateAt, temporalEnd, timestampAt } from './fast-temporal.ts';
import { buildString, CACHE_SIZE, CACHED_LENGTH, CACHED_PER_BATCH, sameBytes } from './fast-text.ts';
import type { Layout } from './layout.ts';

/** Decodes messages of one layout. Positions count from the start of the underlying ArrayBuffer. */
export interface FastPath {
  /** Takes the builders' arrays; to be called again whenever they changed. */
  bind(builders: readonly ColumnBuilder[]): void;
  /**
   * Writes the message at [start, end) into row i and answers true, or false where it is not exactly of the layout:
   * then the row holds anything. May throw RangeError where the buffer ends within what it looks at.
   */
  run(bytes: Buffer, view: DataView, start: number, end: number, i: number): boolean;
}

/** What the generated code calls for values that it does not know itself. */
export interface Exact {
  /** Writes the value at `at` into row i of a wanted column by the exact rules; the value's end, or 0. */
  value(column: number, at: number, end: number, i: number): number;
  /** Skips the value at `at`; its end, or 0. */
  skip(at: number, end: number): number;
}

const TEN_POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
/** The low 32 bits of powers of ten. */
const LOW_POWERS = Int32Array.from({ length: 19 }, (_, i) => Number(BigInt.asIntN(32, 10n ** BigInt(i))));

/**
 * Compiles the fast path of a layout. The generated source holds numbers and fixed names only: the bytes that must
 * stand between the values are handed in as a table.
 */
export function compileFastPath(
  layout: Layout,
  types: readonly DataType[],
  standard: TimestampStandard,
  exact: Exact,
): FastPath {
  const words: number[] = [];
  const lines: string[] = [];
  layout.columns.forEach((column, i) => {
    lines.push(guard(layout.gaps[i]!, words));
    lines.push(column < 0 ? skipCode() : valueCode(column, types[column]!, standard));
  });
  lines.push(guard(layout.gaps[layout.columns.length]!, words));
  lines.push(...layout.missing.map((column) => `B[${column}].setNull(i);`));
  const columns = types.map((_, c) => c);
  const body = `
${words.map((_, i) => `const k${i} = K[${i}];`).join('\n')}
let B = [];
${columns.map((c) => `let V${c} = [], H${c} = W, R${c} = 0; const C${c} = new Array(${CACHE_SIZE}).fill('');`).join('\n')}
return {
  bind(builders) {
    B = builders;
    ${columns.map((c) => `V${c} = B[${c}].values; R${c} = ${CACHED_PER_BATCH}; H${c} = ${isWide(types[c]!) ? `new Int32Array(V${c}.buffer)` : 'W'};`).join('\n    ')}
  },
  run(b, v, p, end, i) {
    let c = 0, d = 0, f = 0, h = 0, m = 0, n = 0, q = 0, s = 0, w = 0, x = 0, y = 0, t = '';
    ${lines.join('\n    ')}
    return p <= end;
  },
};`;
  return generate<FastPath>(
    {
      K: Int32Array.from(words),
      W: new Int32Array(0),
      P: TEN_POWERS,
      L: LOW_POWERS,
      exact: exact.value,
      skip: exact.skip,
      sameBytes,
      buildString,
      timestampAt,
      dateAt,
      temporalEnd,
    },
    body,
  );
}

/** Types whose values are stored as two 32-bit halves. */
function isWide(type: DataType): boolean {
  switch (type.kind) {
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return true;
    case 'DECIMAL':
      return type.precision <= 18;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return type.precision <= 6;
    default:
      return false;
  }
}

/** Compares the bytes at p, four at a time, and steps over them. */
function guard(gap: Buffer, words: number[]): string {
  const tests: string[] = [];
  const add = (word: number, test: (k: string) => string) => {
    tests.push(test(`k${words.length}`));
    words.push(word);
  };
  if (gap.length < 4) {
    for (const [at, byte] of gap.entries()) add(byte, (k) => `b[p + ${at}] !== ${k}`);
  } else {
    for (let at = 0; at < gap.length; at += 4) {
      const from = Math.min(at, gap.length - 4);
      add(gap.readInt32LE(from), (k) => `v.getInt32(p + ${from}, true) !== ${k}`);
    }
  }
  return tests.length === 0 ? '' : `if (${tests.join(' || ')}) return false;\n    p += ${gap.length};`;
}

/** The four bytes of a word as `getInt32` reads them. */
function word(text: string): number {
  return Buffer.from(text, 'latin1').readInt32LE(0);
}

/** Steps over a value that nobody wants: texts, plain numbers and literals at once, all else by the exact rules. */
function skipCode(): string {
  return `
    s = p;
    c = b[p];
    if (c === 34) {
      do c = b[++p]; while (c !== 34 && c !== 92 && c < 128);
      if (c === 34) p++;
      else if ((p = skip(s, end)) === 0) return false;
    } else if (c >= 49 && c <= 57) {
      do c = b[++p]; while (c >= 48 && c <= 57);
      if (c === 46) {
        w = p;
        do c = b[++p]; while (c >= 48 && c <= 57);
        if (p === w + 1) return false;
      }
      if ((c !== 44 && c !== 125 && c > 32) || p - s > 1000) {
        if ((p = skip(s, end)) === 0) return false;
      }
    } else {
      w = v.getInt32(p, true);
      if (w === ${word('true')} || w === ${word('null')}) p += 4;
      else if (w === ${word('fals')} && b[p + 4] === 101) p += 5;
      else if ((p = skip(p, end)) === 0) return false;
    }`;
}

/** The value by the exact rules. */
function exactCode(column: number, at: string): string {
  return `if ((p = exact(${column}, ${at}, end, i)) === 0) return false;`;
}

function valueCode(column: number, type: DataType, standard: TimestampStandard): string {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return textCode(column);
    case 'BOOLEAN':
      return `
    w = v.getInt32(p, true);
    if (w === ${word('true')}) { V${column}[i] = 1; p += 4; }
    else if (w === ${word('fals')} && b[p + 4] === 101) { V${column}[i] = 0; p += 5; }
    else ${exactCode(column, 'p')}`;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT': {
      const limit = type.kind === 'TINYINT' ? 127 : type.kind === 'SMALLINT' ? 32767 : 999_999_999;
      return integerCode(column, `n === 0 && x <= ${limit}`, `V${column}[i] = m === 1 ? -x : x;`);
    }
    case 'BIGINT':
      return integerCode(column, 'true', storeWide(column, 'x * P[n] + y', '(Math.imul(x, L[n]) + y) | 0'));
    case 'DOUBLE':
      return fractionCode(column, 'f - w <= 6', `d = (x * P[n] + y) / P[n]; V${column}[i] = m === 1 ? -d : d;`);
    case 'DECIMAL': {
      if (type.precision > 18) return exactCode(column, 'p');
      const { precision, scale } = type;
      return fractionCode(
        column,
        `n <= ${scale} && (x === 0 || f - w <= ${precision - scale})`,
        storeWide(column, `(x * P[n] + y) * P[${scale} - n]`, `Math.imul(Math.imul(x, L[n]) + y, L[${scale} - n])`),
      );
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      if (type.precision > 6 || standard === 'ISO-8601-WITH-OFFSET') return exactCode(column, 'p');
      const separator = standard === 'SQL' ? 32 : 84;
      return `
    d = timestampAt(b, p, ${separator}, ${type.kind === 'TIMESTAMP_LTZ'});
    if (d === d) {
      w = d | 0;
      H${column}[2 * i] = w;
      H${column}[2 * i + 1] = Math.floor(d / 4294967296);
      p = temporalEnd[0];
    } else ${exactCode(column, 'p')}`;
    }
    case 'DATE':
      return `
    d = dateAt(b, p);
    if (d === d && b[p + 11] === 34) { V${column}[i] = d; p += 12; }
    else ${exactCode(column, 'p')}`;
    default:
      return exactCode(column, 'p');
  }
}

/** Texts without escapes in ASCII, taken from a small table of recent ones where they repeat. */
function textCode(column: number): string {
  return `
    if (b[p] === 34) {
      s = ++p;
      h = 0;
      for (c = b[p]; c !== 34 && c !== 92 && c < 128; c = b[++p]) h = (Math.imul(h, 31) + c) | 0;
      if (c === 34) {
        h = (h ^ (h >>> 10)) & ${CACHE_SIZE - 1};
        t = C${column}[h];
        if (t.length !== p - s || !sameBytes(t, b, s)) {
          t = buildString(b, s, p);
          if (R${column} > 0 && p - s <= ${CACHED_LENGTH}) { R${column}--; C${column}[h] = t; }
        }
        V${column}[i] = t;
        p++;
      } else ${exactCode(column, 's - 1')}
    } else ${exactCode(column, 'p')}`;
}

const DIGITS = (sum: string, limit: string) =>
  `for (c = b[p]; c >= 48 && c <= 57 && p < ${limit}; c = b[++p]) ${sum} = (Math.imul(${sum}, 10) + c - 48) | 0;`;

/** A number, bare or in quotes: q quotes, m = 1 where negative, its first digit at w. */
const NUMBER_START = `
    s = p;
    q = b[p] === 34 ? 1 : 0;
    p += q;
    m = 0;
    if (b[p] === 45) { m = 1; p++; }
    w = p;
    x = 0; y = 0; n = 0;`;

/** Whether c may follow the number, and that it has no leading zero where JSON forbids one. */
const NUMBER_END = '(q === 1 ? c === 34 : c === 44 || c === 125 || c <= 32) && (q === 1 || b[w] !== 48 || f === w + 1)';

/** An integer of at most 18 digits: x the first nine, y the n further ones. */
function integerCode(column: number, condition: string, store: string): string {
  return `${NUMBER_START}
    ${DIGITS('x', 'w + 9')}
    f = p;
    if (c >= 48 && c <= 57) {
      ${DIGITS('y', 'f + 9')}
      n = p - f;
      f = p;
    }
    if (f > w && ${NUMBER_END} && (${condition})) { ${store} p += q; }
    else ${exactCode(column, 's')}`;
}

/** A number with at most nine digits x before the point at f and n ≤ 9 digits y after it. */
function fractionCode(column: number, condition: string, store: string): string {
  return `${NUMBER_START}
    ${DIGITS('x', 'w + 9')}
    f = p;
    if (c === 46) {
      p++;
      ${DIGITS('y', 'f + 10')}
      n = p - f - 1;
      if (n === 0) f = w;
    }
    if (f > w && ${NUMBER_END} && (${condition})) { ${store} p += q; }
    else ${exactCode(column, 's')}`;
}

/** Stores a 64-bit integer from its approximate value and its exact low half, which together fix the high half. */
function storeWide(column: number, approximate: string, low: string): string {
  return `
      c = ${low};
      h = ((${approximate} - (c >>> 0)) / 4294967296 + 0.5) | 0;
      if (m === 1) { c = -c | 0; h = c === 0 ? -h : ~h; }
      H${column}[2 * i] = c;
      H${column}[2 * i + 1] = h;
      `;
}
