import type { ColumnValues } from './batch.ts';
import { generate } from './generate.ts';

/** How a key column is hashed and compared. */
export type KeyKind = 'int' | 'wide' | 'double' | 'string' | 'text';

/** Keys by number, as their kind is stored: 'wide' ones in two halves. */
export type KeyStore = Int32Array | Float64Array | string[];

/** The rows' columns and the stores of the keys, column by column. */
interface Stores {
  readonly sources: readonly KeyStore[];
  readonly nulls: readonly Uint8Array[];
  readonly raw: readonly ColumnValues[];
  readonly keys: readonly KeyStore[];
  readonly keyNulls: readonly (Uint8Array | undefined)[];
  readonly values: readonly (unknown[] | undefined)[];
  readonly hashes: Int32Array;
}

/** Numbers the keys of rows: the loop of `KeyIndex.assign`. */
export type Assign = (
  stores: Stores,
  table: Int32Array,
  free: Int32Array,
  counts: Int32Array,
  length: number,
  skip: Uint8Array | undefined,
  slots: Int32Array,
) => void;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** The loop for key columns of these kinds; `nullable`: NULL is a value of the key; `oneZero`: -0 and 0 are one key. */
export function generateAssign(kinds: readonly KeyKind[], nullable: boolean, oneZero: boolean): Assign {
  const each = (line: (kind: KeyKind, i: number) => string, separator: string) => kinds.map(line).join(separator);
  const value = (kind: KeyKind, i: number) => {
    switch (kind) {
      case 'int':
        return `h = Math.imul(h ^ s${i}[row], 0x9e3779b1); h ^= h >>> 15;`;
      case 'wide':
        return `h = Math.imul(h ^ s${i}[row * 2], 0x9e3779b1); h ^= h >>> 15;
      h = Math.imul(h ^ s${i}[row * 2 + 1], 0x85ebca6b); h ^= h >>> 13;`;
      case 'double':
        // All NaNs are one key.
        return `double[0] = s${i}[row] === s${i}[row] ? s${i}[row]${oneZero ? ' + 0' : ''} : NaN;
      h = Math.imul(h ^ halves[0], 0x9e3779b1); h ^= h >>> 15;
      h = Math.imul(h ^ halves[1], 0x85ebca6b); h ^= h >>> 13;`;
      default:
        return `const v${i} = s${i}[row];
      for (let c = 0, n = v${i}.length; c < n; c++) h = Math.imul(h ^ v${i}.charCodeAt(c), 0x01000193);
      h = Math.imul(h ^ (h >>> 15), 0x9e3779b1); h ^= h >>> 13;`;
    }
  };
  const hash = (kind: KeyKind, i: number) =>
    nullable
      ? `if (n${i}[row] === 1) { h = Math.imul(h ^ 0x5bd1e995, 0x9e3779b1); h ^= h >>> 15; } else { ${value(kind, i)} }`
      : value(kind, i);
  const equal = (kind: KeyKind, i: number) => {
    switch (kind) {
      case 'wide':
        return `k${i}[key * 2] === s${i}[row * 2] && k${i}[key * 2 + 1] === s${i}[row * 2 + 1]`;
      case 'double':
        return `${oneZero ? `k${i}[key] === s${i}[row] || ` : ''}Object.is(k${i}[key], s${i}[row])`;
      default:
        return `k${i}[key] === s${i}[row]`;
    }
  };
  const same = (kind: KeyKind, i: number) =>
    nullable ? `m${i}[key] === n${i}[row] && (n${i}[row] === 1 || ${equal(kind, i)})` : `(${equal(kind, i)})`;
  const keep = (kind: KeyKind, i: number) => {
    switch (kind) {
      case 'wide':
        return `k${i}[slot * 2] = s${i}[row * 2]; k${i}[slot * 2 + 1] = s${i}[row * 2 + 1];`;
      case 'text':
        return `k${i}[slot] = s${i}[row]; q${i}[slot] = r${i}[row];`;
      case 'string':
        return nullable ? `k${i}[slot] = n${i}[row] === 1 ? '' : s${i}[row];` : `k${i}[slot] = s${i}[row];`;
      default:
        return `k${i}[slot] = s${i}[row];`;
    }
  };
  const store = (kind: KeyKind, i: number) => `${keep(kind, i)}${nullable ? ` m${i}[slot] = n${i}[row];` : ''}`;
  const names = (_: KeyKind, i: number) =>
    `const s${i} = sources[${i}], k${i} = keys[${i}], n${i} = nulls[${i}], m${i} = keyNulls[${i}], r${i} = raw[${i}], q${i} = values[${i}];`;
  return generate<Assign>(
    { double, halves },
    `return function ({ sources, nulls, raw, keys, keyNulls, values, hashes }, table, free, counts, length, skip, slots) {
    const mask = table.length - 1;
    let count = counts[0], unused = counts[1];
    ${each(names, ' ')}
    for (let row = 0; row < length; row++) {
      if (skip !== undefined && skip[row] === 1) continue;
      let h = 0x811c9dc5 | 0;
      ${each(hash, '\n      ')}
      let at = h & mask;
      for (;;) {
        const key = table[at] - 1;
        if (key < 0) {
          const slot = unused > 0 ? free[--unused] : count++;
          ${each(store, ' ')}
          hashes[slot] = h;
          slots[row] = slot;
          table[at] = slot + 1;
          break;
        }
        if (hashes[key] === h${each((kind, i) => ` && ${same(kind, i)}`, '')}) {
          slots[row] = key;
          break;
        }
        at = (at + 1) & mask;
      }
    }
    counts[0] = count;
    counts[1] = unused;
  };`,
  );
}
