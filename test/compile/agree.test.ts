import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memory } from '../../connectors/memory/memory.ts';
import { analyze } from '../../engine/analyze/analyze.ts';
import { compileCalc } from '../../engine/compile/calc.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { functions } from '../../engine/functions/index.ts';
import { evaluate } from '../../engine/plan/evaluate.ts';
import type { Expr } from '../../engine/plan/expr.ts';
import { fold } from '../../engine/plan/rules/fold-constants.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { batchOf, rowsOf } from '../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../engine/types/data-type.ts';
import { EvaluationError } from '../../engine/types/evaluation-error.ts';

const columns: readonly (readonly [string, string, DataType, fc.Arbitrary<Scalar>])[] = [
  ['i', 'INT', type.int(), fc.integer({ min: -2147483648, max: 2147483647 })],
  ['k', 'INT', type.int(), fc.integer({ min: -3, max: 3 })],
  ['l', 'BIGINT', type.bigint(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['d', 'DOUBLE', type.double(), fc.double()],
  ['m', 'DECIMAL(10, 2)', type.decimal(10, 2), fc.bigInt({ min: -9999999999n, max: 9999999999n })],
  ['s', 'STRING', type.string(), fc.constantFrom('', 'a', 'B', '12', ' 7 ', 'x1', 'é😀')],
  ['b', 'BOOLEAN', type.boolean(), fc.boolean()],
];
const types = columns.map(([, , t]) => t);
const rowArbitrary = fc.tuple(...columns.map(([, , , value]) => fc.option(value, { nil: null, freq: 3 })));

/** SQL of numbers, texts and truth values that have their types whatever they are made of. */
const { number, text, condition } = fc.letrec<{ number: string; text: string; condition: string }>((tie) => {
  const n = tie('number');
  const t = tie('text');
  const c = tie('condition');
  return {
    number: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('i', 'k', 'l', 'd', 'm', '0', '1', '-7', '2.5', '1e3', 'CAST(NULL AS INT)'),
      fc.tuple(n, fc.constantFrom('+', '-', '*', '/'), n).map(([a, o, b]) => `(${a} ${o} ${b})`),
      n.map((a) => `(- ${a})`),
      fc.tuple(c, n, n).map(([a, b, d]) => `CASE WHEN ${a} THEN ${b} ELSE ${d} END`),
      fc.tuple(n, n).map(([a, b]) => `COALESCE(${a}, ${b})`),
      fc.tuple(n, n).map(([a, b]) => `NULLIF(${a}, ${b})`),
      t.map((a) => `CAST(${a} AS INT)`),
      t.map((a) => `TRY_CAST(${a} AS BIGINT)`),
      n.map((a) => `CAST(${a} AS TINYINT)`),
      t.map((a) => `CHAR_LENGTH(${a})`),
    ),
    text: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('s', "'a'", "'42'", 'CAST(NULL AS STRING)'),
      fc.tuple(t, t).map(([a, b]) => `(${a} || ${b})`),
      t.map((a) => `UPPER(${a})`),
      n.map((a) => `CAST(${a} AS STRING)`),
      fc.tuple(c, t, t).map(([a, b, d]) => `IF(${a}, ${b}, ${d})`),
    ),
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('b', 'TRUE', 'FALSE', 'CAST(NULL AS BOOLEAN)'),
      fc.tuple(n, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), n).map(([a, o, e]) => `(${a} ${o} ${e})`),
      fc.tuple(t, fc.constantFrom('=', '<>', '<'), t).map(([a, o, e]) => `(${a} ${o} ${e})`),
      fc.tuple(c, fc.constantFrom('AND', 'OR'), c).map(([a, o, e]) => `(${a} ${o} ${e})`),
      c.map((a) => `(NOT ${a})`),
      fc.tuple(fc.oneof(n, t), fc.constantFrom('NULL', 'NOT NULL')).map(([a, w]) => `(${a} IS ${w})`),
      c.map((a) => `(${a} IS TRUE)`),
      fc.tuple(n, n, n).map(([a, l, h]) => `(${a} BETWEEN ${l} AND ${h})`),
      fc
        .tuple(n, fc.array(fc.constantFrom('1', '2', '-7', 'k', 'NULL'), { minLength: 1, maxLength: 4 }))
        .map(
          ([a, list]) => `(${a} IN (${list.includes('k') || list.some((x) => x !== 'NULL') ? list.join(', ') : '1'}))`,
        ),
      fc.tuple(n, n).map(([a, e]) => `(${a} IS DISTINCT FROM ${e})`),
    ),
  };
});

function analyzed(sql: string): Expr[] | undefined {
  const table = columns.map(([name, text]) => `${name} ${text}`).join(', ');
  const report = new Diagnostics();
  const script = parse(`CREATE TABLE t (${table}) WITH ('connector' = 'memory'); SELECT ${sql} FROM t`, { report });
  const tables = { read: () => [], commit: () => {}, restore: () => new Map() };
  const { statements } = analyze(script, {
    registry: { connectors: [memory(tables)], formats: [] },
    functions,
    report,
  });
  // Some combinations have no type (a DECIMAL of too many digits): they are not what is tested here.
  if (report.hasErrors) return undefined;
  const statement = statements[0];
  if (statement?.kind !== 'select' || statement.plan.kind !== 'project') throw new Error(`no projection: ${sql}`);
  return [...statement.plan.expressions];
}

/** A value, or that there is none. */
type Answer = { readonly value: Scalar } | 'error';

function interpreted(expr: Expr, row: readonly Scalar[]): Answer {
  try {
    return { value: evaluate(expr, row) };
  } catch (error) {
    if (error instanceof EvaluationError) return 'error';
    throw error;
  }
}

/** The answers of generated code; a row that fails is cut out and the rest runs again. */
function generated(expr: Expr, rows: readonly (readonly Scalar[])[]): Answer[] {
  const failing = new Set<number>();
  for (;;) {
    const kept = rows.map((_, i) => i).filter((i) => !failing.has(i));
    let failed: number | undefined;
    const calc = compileCalc({ expressions: [expr] }, (error, _, row) => {
      if (!(error instanceof EvaluationError)) throw error;
      failed = kept[row]!;
      throw error;
    });
    try {
      const output = rowsOf(
        [expr.type],
        calc(
          batchOf(
            types,
            kept.map((i) => rows[i]!),
          ),
        ),
      );
      return rows.map((_, i): Answer => (failing.has(i) ? 'error' : { value: output[kept.indexOf(i)]![0]! }));
    } catch (error) {
      if (failed === undefined) throw error;
      failing.add(failed);
    }
  }
}

describe('generated code', () => {
  const expressionArbitrary = fc.oneof(number, text, condition);

  it('answers what walking the tree answers, on rows with and without NULLs', () => {
    let compared = 0;
    fc.assert(
      fc.property(expressionArbitrary, fc.array(rowArbitrary, { minLength: 1, maxLength: 8 }), (sql, rows) => {
        const [expr] = analyzed(sql) ?? [];
        if (expr === undefined) return;
        compared++;
        expect(generated(expr, rows)).toEqual(rows.map((row) => interpreted(expr, row)));
        const full = rows.filter((row) => row.every((value) => value !== null));
        expect(generated(expr, full)).toEqual(full.map((row) => interpreted(expr, row)));
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('answers the same after constants were folded', () => {
    fc.assert(
      fc.property(expressionArbitrary, rowArbitrary, (sql, row) => {
        const [expr] = analyzed(sql) ?? [];
        if (expr === undefined) return;
        expect(interpreted(fold(expr), row)).toEqual(interpreted(expr, row));
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the rows for which a condition is TRUE, and their other columns', () => {
    fc.assert(
      fc.property(condition, fc.array(rowArbitrary, { maxLength: 8 }), (sql, rows) => {
        const [expr] = analyzed(sql) ?? [];
        if (expr === undefined) return;
        const kept = rows.filter((row) => {
          const answer = interpreted(expr, row);
          return answer !== 'error' && answer.value === true;
        });
        if (rows.some((row) => interpreted(expr, row) === 'error')) return;
        const all = columns.map(([name, , t], index): Expr => ({ kind: 'column', index, name, type: t }));
        const calc = compileCalc({ condition: expr, expressions: all }, (error) => {
          throw error;
        });
        expect(rowsOf(types, calc(batchOf(types, rows)))).toEqual(kept.map((row) => [...row]));
      }),
      { numRuns: 300 },
    );
  });

  it('shares columns that pass through where no row is dropped', () => {
    const batch = batchOf(types, [[1, 2, 3n, 0.5, 100n, 'x', true]]);
    const [expr] = analyzed('(i = 1)')!;
    const column: Expr = { kind: 'column', index: 5, name: 's', type: types[5]! };
    const calc = compileCalc({ condition: expr!, expressions: [column] }, (error) => {
      throw error;
    });
    expect(calc(batch).columns[0]).toBe(batch.columns[5]);
  });
});
