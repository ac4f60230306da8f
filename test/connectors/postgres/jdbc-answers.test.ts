import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registry } from '../../../connectors/index.ts';
import { evaluateQuery, rowTexts } from '../../../engine/testing/evaluate.ts';
import { RowKind } from '../../../engine/types/batch.ts';
import { freshDatabase, need } from '../../servers/index.ts';

/**
 * Tables of PostgreSQL that are read and looked up, and the final rows of each query with Apache Flink's `jdbc`, values
 * separated by ' | '. `setup` makes the tables, `rows` are those of a file; what WHERE asks is pushed down or not, and the
 * rows are the same.
 */
interface Answers {
  readonly setup: readonly string[];
  readonly tables: readonly string[];
  readonly rows: readonly string[];
  readonly queries: readonly { readonly sql: string; readonly rows: readonly string[] }[];
}

const answers = JSON.parse(readFileSync(path.join(import.meta.dirname, 'jdbc-answers.json'), 'utf8')) as Answers;
const servers = await need('postgres');
const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-jdbc-'));
let ddl = '';

servers.describe("'jdbc' beside Flink's", () => {
  beforeAll(async () => {
    const database = await freshDatabase(servers.postgres);
    for (const statement of answers.setup) await database.query(statement);
    const file = path.join(folder, 'rows.jsonl');
    writeFileSync(file, answers.rows.map((row) => `${row}\n`).join(''));
    const { jdbcUrl, user, password } = database;
    const where = `'connector' = 'jdbc', 'url' = '${jdbcUrl}', 'username' = '${user}', 'password' = '${password}'`;
    ddl = answers.tables.map((table) => `${table.replace('$J', where).replace('$FILE', file)};\n`).join('');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(answers.queries)('$sql', async ({ sql, rows }) => {
    for (const policy of ['always', 'never']) {
      const tables = ddl.replaceAll(
        "'connector' = 'jdbc'",
        `'connector' = 'jdbc', 'filter.handling.policy' = '${policy}'`,
      );
      const answer = await evaluateQuery(`${tables}${sql};`, { registry });
      if ('error' in answer) throw new Error(answer.error.message);
      const types = answer.fields.map((field) => field.type);
      const table: string[] = [];
      answer.rows.forEach((row, i) => {
        const line = rowTexts(types, row)
          .map((value) => value ?? 'NULL')
          .join(' | ');
        const kind = answer.kinds[i]!;
        if (kind === RowKind.insert || kind === RowKind.updateAfter) table.push(line);
        else table.splice(table.indexOf(line), 1);
      });
      expect(table.sort(), policy).toEqual([...rows].sort());
    }
  });
});
