import { expect, test } from 'vitest';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { fillVariables } from '../../engine/syntax/variables.ts';

const values = new Map([
  ['HOST', 'db.example.com'],
  ['QUOTE', "it's; DROP TABLE t; --"],
  ['EMPTY', ''],
  ['bootstrap.servers', 'kafka:9092'],
]);
const variables = (name: string) => values.get(name);

/** `$` apart from `{`, so that TypeScript does not take the SQL for a template. */
const sql = (text: string) => text.replaceAll('@{', '$' + '{');

function fill(text: string) {
  const found = new Diagnostics();
  return { text: fillVariables(sql(text), variables, found), found: found.list };
}

function literal(text: string) {
  const found = new Diagnostics();
  const script = parse(`SELECT ${sql(text)}`, { variables, report: found });
  const [statement] = script.statements;
  if (statement?.kind !== 'select-statement' || statement.query.body.kind !== 'select') throw new Error('not a SELECT');
  const expression = statement.query.body.items[0]!.expression;
  if (expression.kind !== 'text') throw new Error('not a string');
  return { value: expression.value, raw: expression.raw, found: found.list };
}

test.each([
  ["'a @{HOST} b'", 'a db.example.com b'],
  ["'@{HOST}@{HOST}'", 'db.example.comdb.example.com'],
  ["'@{bootstrap.servers}'", 'kafka:9092'],
  ["'@{UNSET:-x y}'", 'x y'],
  ["'@{UNSET:-}'", ''],
  ["'@{HOST:-x}'", 'db.example.com'],
  ["'@{EMPTY:-x}'", 'x'],
  ["'@{EMPTY}'", ''],
  ["'@{HOST:?needed}'", 'db.example.com'],
  ["'@{UNSET:-@{HOST}}'", 'db.example.com'],
  ["'@{UNSET:-@{UNSET:-z}}'", 'z'],
  ["'@{UNSET:-it''s}'", "it's"],
  ["'$@{HOST}'", sql('@{HOST}')],
  ["'a $b {c} $'", 'a $b {c} $'],
  ["'@{QUOTE}'", "it's; DROP TABLE t; --"],
])('%s is %s', (text, value) => {
  const actual = literal(text);
  expect(actual.found).toEqual([]);
  expect(actual.value).toBe(value);
});

test('a value never changes the statement', () => {
  const found = new Diagnostics();
  const script = parse(sql("SELECT '@{QUOTE}' AS a; SELECT 2"), { variables, report: found });
  expect(found.list).toEqual([]);
  expect(script.statements.map(({ kind }) => kind)).toEqual(['select-statement', 'select-statement']);
});

test('a literal keeps what was written where that differs', () => {
  expect(literal("'a@{HOST}'").raw).toBe(sql('a@{HOST}'));
  expect(literal("'plain'").raw).toBeUndefined();
});

test('without variables the text stays as it is', () => {
  const found = new Diagnostics();
  const script = parse(sql("SET 'k' = '@{UNSET}'"), { report: found });
  expect(found.list).toEqual([]);
  expect(script.statements[0]).toMatchObject({ kind: 'set', value: { value: sql('@{UNSET}') } });
});

test.each([
  ["SET 'k' = 'a @{UNSET} b'", '@{UNSET}', "the variable 'UNSET' is not set"],
  [
    "SET 'k' = 'it''s @{UNSET:?set the host}'",
    '@{UNSET:?set the host}',
    "the variable 'UNSET' is not set: set the host",
  ],
  [
    "SET 'k' = '@{EMPTY:?may not be empty}'",
    '@{EMPTY:?may not be empty}',
    "the variable 'EMPTY' is not set: may not be empty",
  ],
])('%s: missing at its place', (text, place, message) => {
  const found = new Diagnostics();
  parse(sql(text), { variables, report: found });
  expect(found.list).toHaveLength(1);
  const [{ code, span, message: actual }] = found.list as [(typeof found.list)[number]];
  expect(code).toBe('missing-variable');
  expect(sql(text).slice(span.start, span.end)).toBe(sql(place));
  expect(actual).toBe(message);
});

test.each(["'@{'", "'@{HOST'", "'@{}'", "'@{1A}'", "'@{HOST-x}'", "'@{HOST:x}'", "'@{HOST:-x'"])(
  '%s is malformed and told once',
  (text) => {
    const { found } = literal(text);
    expect(found.map(({ code }) => code)).toEqual(['syntax']);
    expect(found[0]!.fix?.text).toBe('$');
  },
);

test('filling in a text keeps every byte outside the literals with variables', () => {
  const text =
    "-- @{HOST} stays\r\nSET 'k' = 'a @{QUOTE}'; /* @{HOST} */ SELECT '@{UNSET:-d}', 'it''s', `@{HOST}`,\t'$@{HOST}';\r\n";
  const filled = fill(text);
  expect(filled.found).toEqual([]);
  expect(filled.text).toBe(
    sql(
      "-- @{HOST} stays\r\nSET 'k' = 'a it''s; DROP TABLE t; --'; /* @{HOST} */ SELECT 'd', 'it''s', `@{HOST}`,\t'@{HOST}';\r\n",
    ),
  );
});

test('a filled text parses to the values that the job has', () => {
  const text = "SELECT '@{QUOTE}', U&'\\00e9@{QUOTE}', E'\\n@{QUOTE}'";
  const direct = new Diagnostics();
  const job = parse(sql(text), { variables, report: direct });
  const filled = parse(fill(text).text, { report: direct });
  expect(direct.list).toEqual([]);
  const valuesOf = (script: typeof job) => JSON.stringify(script).match(/"value":"(?:[^"\\]|\\.)*"/g);
  expect(valuesOf(filled)).toEqual(valuesOf(job));
});

test('a backslash in a value stays one in escaped literals', () => {
  const report = new Diagnostics();
  expect(fillVariables(sql("SELECT U&'@{P}', E'@{P}', '@{P}'"), () => 'a\\b', report)).toBe(
    "SELECT U&'a\\\\b', E'a\\\\b', 'a\\b'",
  );
});

test('missing variables of a text are reported, each at its place, and left', () => {
  const { text, found } = fill("SELECT '@{UNSET}', '@{OTHER}'");
  expect(text).toBe(sql("SELECT '@{UNSET}', '@{OTHER}'"));
  expect(found.map(({ span }) => span)).toEqual([
    { start: 8, end: 16 },
    { start: 20, end: 28 },
  ]);
});
