import { showTexts } from '../../engine/testing/show-rows.ts';
import type { Change, FlinkAnswer } from './flink.ts';
import type { SceneTable } from './scene.ts';

/** A query with the statements that it needs. */
export interface Question {
  readonly tables: readonly SceneTable[];
  readonly views: readonly string[];
  readonly sql: string;
}

/** The question as a test file, with what it should answer; only the tables that it reads are there. */
export function testText(question: Question, title: string, expected: string): string {
  const text = [...question.views, question.sql].join(' ');
  const used = question.tables.filter(({ name }) => new RegExp(`\\b(?:FROM|JOIN|TABLE|,) ${name}\\b`).test(text));
  const blocks = [
    `# ${title}`,
    ...used.map(({ name, columns }) => `statement ok\nCREATE TABLE ${name} (${columns}) WITH ('connector' = 'memory')`),
    ...used.filter(({ rows }) => rows.length > 0).map(({ name, rows }) => `input ${name}\n${rows.join('\n')}`),
    ...question.views.map((view) => `statement ok\n${view}`),
    `query\n${question.sql}\n----\n${expected}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** The final table that a changelog leaves, as test files show it. */
export function finalTable(answer: Exclude<FlinkAnswer, { error: string }>): string {
  const rows: string[] = [];
  for (const [kind, ...values] of answer.changes) {
    const line = showTexts(values);
    if (kind === '+I' || kind === '+U') rows.push(line);
    else rows.splice(rows.indexOf(line), 1);
  }
  const columns = answer.columns.map(([name, type]) => `${name} ${type.replace(/ \*(ROW|PROC)TIME\*/, '')}`);
  return [columns.join(', '), ...rows.sort()].join('\n');
}

/** Rows of a changelog of rows with their number of copies, by row: each as often as it is there in the end. */
export function copies(changes: readonly Change[]): Change[] {
  const counts = new Map<string, { readonly row: readonly (string | null)[]; readonly count: number }>();
  for (const [kind, ...values] of changes) {
    const row = values.slice(0, -1);
    const count = kind === '+I' || kind === '+U' ? Number(values.at(-1)) : 0;
    counts.set(JSON.stringify(row), { row, count });
  }
  return [...counts.values()].flatMap(({ row, count }) => Array.from({ length: count }, (): Change => ['+I', ...row]));
}
