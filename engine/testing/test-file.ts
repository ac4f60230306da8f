/**
 * Test files are blocks separated by empty lines; lines that begin with '#' are comments.
 *
 *     statement ok            a statement that every later block sees
 *     CREATE TABLE t (…) WITH ('connector' = 'memory')
 *
 *     input t                 rows of a table, a JSON object a line
 *     {"a": 1}
 *
 *     query                   rows of a query, sorted
 *     SELECT a FROM t
 *     ----
 *     a INT
 *     1
 *
 *     output s                rows of a table after all INSERTs so far, sorted
 *     ----
 *     …
 *
 *     input u                 of a table that is read by key: '-D ' before an object is a deletion
 *     -D {"a": 1}
 *
 *     input t messages        the same as messages in the table's format, one a line
 *     {"a": "1"}
 *
 *     input t hex             the same as bytes in hexadecimal, a message a line
 *     7b7d
 *
 *     output s changelog      every change in place of the last state: +I, -U, +U and -D before each row
 *     ----
 *     …
 *
 *     time 2024-01-02 03:04:05.678    what the current time is, in UTC, from here on
 *     variable NAME value     what ${NAME} is in job files
 *
 *     job jobs/prices.sql     all statements of a job file; its tables are in memory, whatever their connectors
 *
 *     statement error         a statement and its diagnostics
 *     plan raw | optimized | code    a query or INSERT and its plan
 */
export interface TestBlock {
  readonly kind: 'statement' | 'input' | 'job' | 'query' | 'output' | 'plan' | 'time' | 'variable';
  /** What follows the kind on its line: 'ok', 'error', the name of a table, 'optimized' … */
  readonly argument: string;
  readonly body: string;
  /** Absent where the block expects nothing. */
  readonly expected: string | undefined;
  /** Number of the block's first line, from 1. */
  readonly line: number;
  /** Lines of the file up to the expected text, and from there to the end of the block. */
  readonly start: number;
  readonly expectedStart: number;
  readonly end: number;
}

const SEPARATOR = '----';
const kinds = ['statement', 'input', 'job', 'query', 'output', 'plan', 'time', 'variable'] as const;

/** The blocks of a test file; throws with the line of a directive that is none. */
export function parseTestFile(text: string): TestBlock[] {
  const lines = text.split(/\r?\n/);
  const blocks: TestBlock[] = [];
  for (let i = 0; i < lines.length; ) {
    if (isBlank(lines[i]!)) {
      i++;
      continue;
    }
    const start = i;
    const [word = '', ...rest] = lines[i]!.trim().split(/\s+/);
    const kind = kinds.find((k) => k === word);
    if (kind === undefined) throw new Error(`line ${i + 1}: unknown directive '${word}', expected ${kinds.join(', ')}`);
    i++;
    const bodyStart = i;
    while (i < lines.length && lines[i] !== SEPARATOR && lines[i]!.trim() !== '') i++;
    const body = lines.slice(bodyStart, i).join('\n');
    let expected: string | undefined;
    let expectedStart = i;
    if (lines[i] === SEPARATOR) {
      i++;
      expectedStart = i;
      while (i < lines.length && lines[i]!.trim() !== '') i++;
      expected = lines.slice(expectedStart, i).join('\n');
    }
    blocks.push({ kind, argument: rest.join(' '), body, expected, line: start + 1, start, expectedStart, end: i });
  }
  return blocks;
}

/** The file with other expected texts: `actual` has one for each block, undefined where it expects nothing. */
export function rewriteTestFile(
  text: string,
  blocks: readonly TestBlock[],
  actual: readonly (string | undefined)[],
): string {
  const lines = text.split(/\r?\n/);
  const result: string[] = [];
  let at = 0;
  blocks.forEach((block, i) => {
    const answer = actual[i];
    if (answer === undefined) return;
    result.push(...lines.slice(at, block.expectedStart));
    if (block.expected === undefined) result.push(SEPARATOR);
    if (answer !== '') result.push(...answer.split('\n'));
    at = block.end;
  });
  result.push(...lines.slice(at));
  return result.join('\n');
}

function isBlank(line: string): boolean {
  return line.trim() === '' || line.startsWith('#');
}
