/** How an answer differs from the expected one, for people: lines that are missing and too many, and where in the row. */
export function diffAnswers(expected: string, actual: string): string {
  const missing = expected === '' ? [] : expected.split('\n');
  const extra: string[] = [];
  for (const line of actual === '' ? [] : actual.split('\n')) {
    const at = missing.indexOf(line);
    if (at < 0) extra.push(line);
    else missing.splice(at, 1);
  }
  const columns = columnNames(actual);
  const number = (line: string) => actual.split('\n').indexOf(line);
  const result: string[] = [];
  for (const line of missing) {
    result.push(`- ${line}`);
    const near = nearest(line, extra);
    if (near === undefined) continue;
    extra.splice(extra.indexOf(near), 1);
    result.push(`+ ${near}`, ...changes(line, near, columns).map((change) => `  row ${number(near)}, ${change}`));
  }
  return [...result, ...extra.map((line) => `+ ${line}`)].join('\n');
}

const cellsOf = (line: string): string[] => line.split(' | ');

/** The names in the line of names and types. */
function columnNames(answer: string): string[] {
  return answer
    .split('\n')[0]!
    .split(/, (?![^(<]*[)>])/)
    .map((column) => column.split(' ')[0]!);
}

/** The line of as many cells that shares the most of them, at least one. */
function nearest(line: string, candidates: readonly string[]): string | undefined {
  const cells = cellsOf(line);
  let best: string | undefined;
  let most = 0;
  for (const candidate of candidates) {
    const others = cellsOf(candidate);
    if (others.length !== cells.length) continue;
    const shared = cells.filter((cell, i) => others[i] === cell).length;
    if (shared > most) [best, most] = [candidate, shared];
  }
  return best;
}

function changes(expected: string, actual: string, columns: readonly string[]): string[] {
  const found = cellsOf(actual);
  return cellsOf(expected).flatMap((cell, i) =>
    cell === found[i] ? [] : [`column '${columns[i] ?? i + 1}': expected ${cell}, found ${found[i]}`],
  );
}
