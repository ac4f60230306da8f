import { settingDeclarations } from '../analyze/settings.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { functions } from '../functions/index.ts';
import { printIdentifier } from '../syntax/print-name.ts';
import { typeText } from '../types/data-type.ts';
import { type Frame, framesAt, queryFrame } from './clause.ts';
import { completeOptions, declaredOptions } from './complete-option.ts';
import { type Place, placeAt } from './place.ts';
import type { SourceFile } from './source-file.ts';
import { commonTables, fieldsOfTable, tablesHere } from './tables-here.ts';

export interface Completion {
  readonly kind: 'table' | 'column' | 'function' | 'keyword' | 'type' | 'option' | 'value';
  readonly label: string;
  /** What replaces `span`. */
  readonly text: string;
  readonly span: Span;
  /** One line beside the label: the type of a column, the syntax of a function. */
  readonly detail?: string;
  /** Markdown. */
  readonly doc?: string;
}

const types =
  'STRING BOOLEAN TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL(10,2) DATE TIME TIMESTAMP(3) TIMESTAMP_LTZ(3) BYTES ARRAY<STRING> MAP<STRING,STRING> ROW<>'.split(
    ' ',
  );
const starts = [
  'CREATE TABLE',
  'CREATE TEMPORARY VIEW',
  'CREATE VIEW',
  'INSERT INTO',
  'SELECT',
  'SET',
  'EXPLAIN',
  'DESCRIBE',
  'SHOW TABLES',
  'DROP TABLE',
  'EXECUTE STATEMENT SET BEGIN',
  'WITH',
];
const inExpressions = [
  'CASE',
  'CAST',
  'TRY_CAST',
  'NOT',
  'NULL',
  'TRUE',
  'FALSE',
  'AND',
  'OR',
  'IS NULL',
  'IS NOT NULL',
  'LIKE',
  'BETWEEN',
  'IN',
  'AS',
  'INTERVAL',
];
const afterFrom = [
  'WHERE',
  'JOIN',
  'LEFT JOIN',
  'CROSS JOIN UNNEST',
  'UNION ALL',
  'GROUP BY',
  'HAVING',
  'ORDER BY',
  'LIMIT',
];

/** What may be written at `offset`, from the tokens around it: the statement need not be finished. */
export function complete(file: SourceFile, offset: number): readonly Completion[] {
  const place = placeAt(file.text, offset);
  if (place === undefined) return [];
  const frames = framesAt(place);
  const frame = frames.at(-1)!;
  if (place.inside === 'string') return completeString(file, place, frame);
  const previous = place.before.at(-1)?.token.key ?? '';
  if (previous === '.') return completeMember(file, place, frames);
  if (place.before.length === 0) return keywords(place, starts);
  switch (frame.kind) {
    case 'options':
      return previous === '=' || place.before.at(-1)?.token.kind === 'string'
        ? []
        : completeOptions(file, place, frame);
    case 'names':
      return columnsNamed(place, namesFrom(file, place, frame));
    case 'type':
      return typeNames(place);
    case 'columns':
      return completeColumn(place, previous);
    default:
      return completeInQuery(file, place, frames, previous);
  }
}

function completeInQuery(
  file: SourceFile,
  place: Place,
  frames: readonly Frame[],
  previous: string,
): readonly Completion[] {
  const query = queryFrame(frames);
  const top = frames.at(-1)!;
  const first = place.before[0]!.token.key;
  if (previous === 'INTO') return tableNames(file, place, false);
  if (/^(DESCRIBE|DESC|TABLE|LIKE)$/.test(previous) && /^(DESCRIBE|DESC|DROP|CREATE|SELECT|INSERT)$/.test(first)) {
    if (first !== 'CREATE' || previous === 'LIKE') return tableNames(file, place, true);
  }
  if (previous === 'CREATE') return keywords(place, ['TABLE', 'TEMPORARY VIEW', 'VIEW', 'TEMPORARY TABLE']);
  if (previous === 'FROM' || previous === 'JOIN' || (query.clause === 'FROM' && previous === ',')) {
    return [...tableNames(file, place, true), ...keywords(place, ['UNNEST'])];
  }
  if (top.kind === 'query' && query.clause === '') return keywords(place, ['SELECT', 'VALUES', 'WITH']);
  if (query.clause === '' || query.clause === 'INTO') {
    return keywords(
      place,
      first === 'CREATE' ? ['WITH', 'AS', 'LIKE', 'COMMENT'] : ['SELECT', 'VALUES', 'INSERT INTO'],
    );
  }
  if (query.clause === 'FROM' && top === query) return keywords(place, afterFrom);
  if (/^(UNION|INTERSECT|EXCEPT)$/.test(query.clause)) return keywords(place, ['ALL', 'SELECT']);
  const tables = tablesHere(file, place);
  const columns = tables.flatMap((table) => table.fields);
  return [
    ...columnsNamed(place, columns),
    ...tables
      .filter(({ name }) => name !== '')
      .map(({ name }): Completion => ({ kind: 'table', label: name, text: quoted(name), span: place.replaced })),
    ...functionNames(place),
    ...keywords(place, [...inExpressions, ...(query.clause === 'SELECT' ? ['FROM', 'DISTINCT'] : afterFrom)]),
  ];
}

/** After `name.`: the columns of a table, or the tables of a database. */
function completeMember(file: SourceFile, place: Place, frames: readonly Frame[]): readonly Completion[] {
  const parts: string[] = [];
  for (let i = place.before.length - 1; place.before[i]?.token.key === '.' && i > 0; i -= 2) {
    parts.unshift(place.before[i - 1]!.text);
  }
  const here = tablesHere(file, place).find(({ name }) => name === parts.at(-1));
  if (here !== undefined) return columnsNamed(place, here.fields);
  const row = tablesHere(file, place)
    .flatMap(({ fields }) => fields)
    .find(({ name }) => name === parts.at(-1))?.type;
  if (row?.kind === 'ROW') return columnsNamed(place, row.fields);
  if (queryFrame(frames).clause !== 'FROM') return columnsNamed(place, fieldsOfTable(file, place, parts));
  return tableNames(file, place, true);
}

/** In brackets that hold names: the columns of the table that the statement writes, defines or reads. */
function namesFrom(file: SourceFile, place: Place, frame: Frame) {
  const [first] = place.before;
  if (first?.token.key !== 'INSERT') {
    if (frame.opener === 'DESCRIPTOR' || frame.opener === 'USING') {
      return tablesHere(file, place).flatMap((table) => table.fields);
    }
    return definedColumns(place);
  }
  const start = place.before.findIndex(({ token }) => token.key === 'INTO') + 1;
  const name = place.before.slice(start, frame.first - 1).filter(({ token }) => token.key !== '.');
  return fieldsOfTable(
    file,
    place,
    name.map(({ text }) => text),
  );
}

/** The columns that a CREATE TABLE has written so far. */
function definedColumns({ before }: Place): { readonly name: string; readonly type: undefined }[] {
  let depth = 0;
  return before.flatMap(({ token, text }, i) => {
    const opens = before[i - 1]?.token.key;
    if (token.key === '(' || token.key === '<') depth++;
    else if (token.key === ')' || token.key === '>') depth--;
    if (depth !== 1 || !(opens === '(' || opens === ',')) return [];
    const named =
      token.kind === 'quoted' || (token.kind === 'word' && !/^(PRIMARY|WATERMARK|CONSTRAINT)$/.test(token.key));
    return named ? [{ name: text, type: undefined }] : [];
  });
}

function completeColumn(place: Place, previous: string): readonly Completion[] {
  if (previous === '(' || previous === ',') return keywords(place, ['PRIMARY KEY', 'WATERMARK FOR', 'CONSTRAINT']);
  const opens = place.before.at(-2)?.token.key;
  if (opens === '(' || opens === ',') return typeNames(place);
  return keywords(place, [
    'NOT NULL',
    'NOT ENFORCED',
    'METADATA FROM',
    'METADATA VIRTUAL',
    'VIRTUAL',
    'COMMENT',
    'PRIMARY KEY',
    'AS',
  ]);
}

function completeString(file: SourceFile, place: Place, frame: Frame): readonly Completion[] {
  const [first] = place.before;
  const previous = place.before.at(-1)?.token;
  if (first?.token.key === 'SET') {
    const [key] = place.before.slice(1);
    if (key === undefined) return declaredOptions(place, Object.entries(settingDeclarations));
    const found = Object.entries(settingDeclarations).find(([name]) => `'${name}'` === key.text)?.[1];
    return found === undefined || !('values' in found) ? [] : values(place, found.values ?? []);
  }
  if (frame.kind === 'options') return completeOptions(file, place, frame);
  if (frame.kind === 'columns' && previous?.key === 'FROM') {
    const connector = file.environment.registry.connectors.find(({ name }) =>
      place.after.some(({ text }, i) => text === `'${name}'` && place.after[i - 2]?.text === "'connector'"),
    );
    return Object.entries(connector?.metadata ?? {}).map(([label, { doc, type }]) => ({
      kind: 'value',
      label,
      text: label,
      span: place.replaced,
      detail: typeText(type),
      doc,
    }));
  }
  return [];
}

function values(place: Place, list: readonly string[]): readonly Completion[] {
  return list.map((label) => ({ kind: 'value', label, text: label, span: place.replaced }));
}

function keywords(place: Place, list: readonly string[]): readonly Completion[] {
  return place.inside === 'name'
    ? []
    : list.map((label) => ({ kind: 'keyword', label, text: label, span: place.replaced }));
}

function typeNames(place: Place): readonly Completion[] {
  return types.map((label) => ({ kind: 'type', label, text: label, span: place.replaced }));
}

function tableNames(file: SourceFile, place: Place, readable: boolean): readonly Completion[] {
  const common = readable ? [...commonTables(file, place).keys()] : [];
  const objects = file.catalogAt(place.offset).list();
  return [
    ...common.map((name) => ({ name, detail: 'WITH' })),
    ...objects.flatMap((object) => {
      if (object.kind === 'view') return readable ? [{ name: object.path[2]!, detail: 'view' }] : [];
      return [{ name: object.path[2]!, detail: object.definition.bound?.connector ?? 'table' }];
    }),
  ].map(({ name, detail }) => ({ kind: 'table', label: name, text: named(place, name), span: place.replaced, detail }));
}

function columnsNamed(
  place: Place,
  fields: readonly { readonly name: string; readonly type: Parameters<typeof typeText>[0] | undefined }[],
): readonly Completion[] {
  const seen = new Map(fields.map((field) => [field.name, field]));
  return [...seen.values()].map(({ name, type }) => ({
    kind: 'column',
    label: name,
    text: named(place, name),
    span: place.replaced,
    ...(type === undefined ? {} : { detail: typeText(type) }),
  }));
}

function functionNames(place: Place): readonly Completion[] {
  if (place.inside === 'name') return [];
  return [...functions].flatMap(([label, { syntax, doc, callable }]) =>
    callable === false || !/^\w+$/.test(label)
      ? []
      : [{ kind: 'function', label, text: label, span: place.replaced, detail: syntax[0] ?? label, doc } as const],
  );
}

/** Between backticks the name stands as it is. */
function named(place: Place, name: string): string {
  return place.inside === 'name' ? name.replaceAll('`', '``') : quoted(name);
}

function quoted(name: string): string {
  return printIdentifier({ kind: 'identifier', name, quoted: false, span: { start: 0, end: 0 } });
}
