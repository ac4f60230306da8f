import { showTexts } from '../../engine/testing/show-rows.ts';
import type { FlinkAnswer } from './flink.ts';
import type { SceneTable } from './scene.ts';

/** A query with the statements that it needs. */
export interface Question {
  readonly views: readonly string[];
  readonly sql: string;
}

/** The tables that a question reads. */
export function usedBy(question: Question, tables: readonly SceneTable[]): readonly SceneTable[] {
  const text = [...question.views, question.sql].join(' ');
  return tables.filter(({ name }) => new RegExp(`\\b(?:FROM|JOIN|TABLE|,) ${name}\\b`).test(text));
}

/** Questions as a test file, each with what it should answer; only the tables that they read are there. */
export function testText(
  tables: readonly SceneTable[],
  title: string,
  questions: readonly { readonly question: Question; readonly expected: string }[],
): string {
  const used = tables.filter((table) => questions.some(({ question }) => usedBy(question, [table]).length > 0));
  const blocks = [
    `# ${title}`,
    ...used.map((table) => `statement ok\n${createTable(table)}`),
    ...used.filter(({ rows }) => rows.length > 0).map((table) => `input ${table.name}\n${inputText(table)}`),
    ...questions.flatMap(({ question: { views, sql }, expected }) => [
      ...views.map((view) => `statement ok\n${view}`),
      `query\n${sql}\n----\n${expected}`,
    ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Tables that are read by key are of `upsert-kafka`: no other connector says so. */
function createTable({ name, columns, watermark, key, upsert }: SceneTable): string {
  const list = [
    ...columns.map((column) => column.join(' ')),
    ...(watermark ? [`WATERMARK FOR ${watermark[0]} AS ${watermark[1]}`] : []),
    ...(key ? [`PRIMARY KEY (${key.join(', ')}) NOT ENFORCED`] : []),
  ];
  const options = upsert
    ? `'connector' = 'upsert-kafka', 'topic' = '${name}', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json'`
    : "'connector' = 'memory'";
  return `CREATE TABLE ${name} (${list.join(', ')}) WITH (${options})`;
}

function inputText({ rows }: SceneTable): string {
  return rows.map(({ values, deleted }) => `${deleted ? '-D ' : ''}${JSON.stringify(values)}`).join('\n');
}

/** The final table that a changelog leaves, as test files show it. */
export function finalTable(answer: Exclude<FlinkAnswer, { error: string }>): string {
  const rows: string[] = [];
  for (const [kind, ...values] of answer.changes) {
    const line = showTexts(values);
    if (kind === '+I' || kind === '+U') {
      rows.push(line);
      continue;
    }
    const place = rows.indexOf(line);
    if (place < 0) return `takes back a row that is not there: ${line}`;
    rows.splice(place, 1);
  }
  const columns = answer.columns.map(([name, type]) => `${name} ${type.replace(/ \*(ROW|PROC)TIME\*/, '')}`);
  return [columns.join(', '), ...rows.sort()].join('\n');
}
