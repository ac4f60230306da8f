import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { analyze } from '../../engine/analyze/analyze.ts';
import { compilePipelines } from '../../engine/compile/pipeline.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { functions } from '../../engine/functions/index.ts';
import { explainText } from '../../engine/plan/explain.ts';
import { optimize, optimizeSink } from '../../engine/plan/optimize.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { parseTestFile } from '../../engine/testing/test-file.ts';

/** Every statement of the SQL tests, cut into words and signs. */
const folder = path.join(import.meta.dirname, '..', 'sql');
const statements = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.slt'))
  .flatMap((name) => parseTestFile(readFileSync(path.join(folder, name), 'utf8')))
  .filter(({ kind }) => kind === 'statement' || kind === 'query')
  .map(({ body }) => body.replaceAll("'memory'", "'datagen'"));
const pieces = statements.map((sql) => sql.match(/'(?:[^']|'')*'|`[^`]*`|\w+|\s+|[^\w\s]/g) ?? []);
const words = [...new Set(pieces.flat())].filter((piece) => piece.trim() !== '');

/** Runs every phase that needs no I/O; what it throws is a defect. */
function check(text: string): Diagnostics {
  const report = new Diagnostics();
  const script = parse(text, { report });
  const analysis = analyze(script, { registry, functions, report });
  for (const statement of analysis.statements) {
    if (statement.kind === 'select') explainText(optimize(statement.plan));
    if (statement.kind === 'insert') compilePipelines([optimizeSink(statement.plan)], { notNull: 'ERROR' });
  }
  for (const { span, message } of report.list) {
    expect(span.start, message).toBeLessThanOrEqual(span.end);
    expect(span.end, message).toBeLessThanOrEqual(text.length);
  }
  return report;
}

const context = `CREATE TABLE t (id INT, s STRING, r ROW<x INT>, a ARRAY<INT>, m MAP<STRING, INT>, ts TIMESTAMP(3)) WITH ('connector' = 'datagen');
CREATE TABLE sink (id INT, s STRING) WITH ('connector' = 'blackhole');\n`;

describe('analysis of damaged statements', () => {
  it('reports and never throws where a word is missing, doubled or another', () => {
    const damage = fc.record({
      sql: fc.nat(pieces.length - 1),
      edits: fc.array(fc.record({ at: fc.nat(1000), kind: fc.nat(2), word: fc.constantFrom(...words) }), {
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(damage, ({ sql, edits }) => {
        const parts = [...pieces[sql]!];
        for (const { at, kind, word } of edits) {
          const place = at % Math.max(parts.length, 1);
          if (kind === 0) parts.splice(place, 1);
          else if (kind === 1) parts.splice(place, 0, ' ', word, ' ');
          else parts[place] = word;
        }
        check(`${context}${parts.join('')}`);
      }),
      { numRuns: 600 },
    );
  });

  it('gives every statement of the SQL tests the same diagnostics twice', () => {
    for (const sql of statements) expect(check(`${context}${sql}`).list).toEqual(check(`${context}${sql}`).list);
  });
});
