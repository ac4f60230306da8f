import { option } from '../connector/options.ts';
import type { LookupRetry } from '../plan/plan.ts';
import type { Hint, Select, StringLiteral, TableExpression, TableReference } from '../syntax/ast.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import { readOptions } from './hint-options.ts';

/** What the hints behind SELECT say of the tables of its FROM, by every name that a hint can have for them. */
export interface Hints {
  /** STATE_TTL: milliseconds after which what a join or GROUP BY remembers of the table is forgotten; 0: never. */
  readonly stateTtl: ReadonlyMap<string, number>;
  /** LOOKUP with a retry. */
  readonly retries: ReadonlyMap<string, LookupRetry>;
}

/** Hints of Flink's optimizer that name tables; how batch jobs join says nothing to streams, neither there nor here. */
const joinHints: ReadonlySet<string> = new Set(['BROADCAST', 'SHUFFLE_HASH', 'SHUFFLE_MERGE', 'NEST_LOOP']);
const known: ReadonlySet<string> = new Set(['OPTIONS', 'STATE_TTL', 'LOOKUP', ...joinHints]);

const lookupOptions = {
  table: option.string('The table that is looked up.'),
  async: option.boolean('Many keys are asked for at once here, in any case.'),
  'output-mode': option.oneOf(['ordered', 'allow_unordered'], 'Rows keep their order here, in any case.'),
  capacity: option.int('One query asks for the keys of a batch.', { min: 1 }),
  timeout: option.duration('How long an asynchronous lookup may take.'),
  shuffle: option.boolean('There is one cache.'),
  'retry-predicate': option.oneOf(['lookup_miss'], 'What is asked for again: keys that have no rows.'),
  'retry-strategy': option.oneOf(['fixed_delay'], 'When.'),
  'fixed-delay': option.duration('The wait before each repetition.'),
  'max-attempts': option.int('Repetitions.', { min: 1 }),
} as const;

/** Reports a hint that Flink does not know. */
export function checkHint(context: Context, { name }: Hint): void {
  if (known.has(name.name.toUpperCase())) return;
  const extra = didYouMean(name.name, known, name.span, undefined, 'word');
  mistake(context, 'invalid-query', `unknown hint '${name.name}'`, name.span, extra);
}

/** The hints of a SELECT, with a report of each that is none. */
export function hintsOf(context: Context, { hints = [], from }: Select): Hints {
  const stateTtl = new Map<string, number>();
  const retries = new Map<string, LookupRetry>();
  const names = new Set(tablesOf(from).flatMap((table) => namesOf(context, table)));
  for (const hint of hints) {
    checkHint(context, hint);
    const kind = hint.name.name.toUpperCase();
    if (kind === 'STATE_TTL') readStateTtl(context, hint, names, stateTtl);
    else if (kind === 'LOOKUP') readLookup(context, hint, names, retries);
    else if (joinHints.has(kind)) checkList(context, hint, names);
  }
  return { stateTtl, retries };
}

/** What STATE_TTL says of a table of FROM. */
export function stateTtlOf(context: Context, table: TableExpression): number | undefined {
  const ttls = context.hints?.stateTtl;
  if (ttls === undefined || ttls.size === 0) return undefined;
  return namesOf(context, table).flatMap((name) => ttls.get(name) ?? [])[0];
}

/** What LOOKUP says of a table of FROM. */
export function retryOf(context: Context, table: TableReference): LookupRetry | undefined {
  const retries = context.hints?.retries;
  if (retries === undefined || retries.size === 0) return undefined;
  return namesOf(context, table).flatMap((name) => retries.get(name) ?? [])[0];
}

function tablesOf(from: TableExpression | undefined): readonly TableExpression[] {
  if (from === undefined) return [];
  return from.kind === 'join' ? [...tablesOf(from.left), ...tablesOf(from.right)] : [from];
}

/** The alias of a table, else its name with as much of its path as one likes; none of a join. */
function namesOf(context: Context, table: TableExpression): readonly string[] {
  if (table.kind === 'join') return [];
  if (table.alias !== undefined) return [table.alias.name.name];
  if (table.kind !== 'table') return [];
  const path = context.catalog.pathOf(table.name);
  return path.map((_, i) => path.slice(path.length - 1 - i).join('.'));
}

function readStateTtl(context: Context, hint: Hint, names: ReadonlySet<string>, ttls: Map<string, number>): void {
  if (!checkPairs(context, hint, "STATE_TTL('orders' = '1 d', 'payments' = '6 h')")) return;
  const ttl = option.duration('');
  for (const { key, value } of hint.options) {
    checkName(context, hint, key.value, key, names);
    const read = ttl.parse(value.value);
    if ('value' in read) ttls.set(key.value, read.value);
    else {
      const message = `'${value.value}' is no time for STATE_TTL: expected ${read.expected}`;
      mistake(context, 'bad-option', message, value.span);
    }
  }
}

function readLookup(context: Context, hint: Hint, names: ReadonlySet<string>, retries: Map<string, LookupRetry>): void {
  if (!checkPairs(context, hint, "LOOKUP('table' = 'rates', …)")) return;
  const values = readOptions(context, hint, lookupOptions);
  if (values === undefined) return;
  const { table } = values;
  if (table === undefined) {
    mistake(context, 'missing-option', "hint LOOKUP needs 'table': the table that is looked up", hint.span);
    return;
  }
  const at = hint.options.find(({ key }) => key.value === 'table')!.value;
  checkName(context, hint, table, at, names);
  const { 'retry-predicate': what, 'retry-strategy': when, 'fixed-delay': delay, 'max-attempts': attempts } = values;
  const given = [what, when, delay, attempts].filter((each) => each !== undefined).length;
  if (delay !== undefined && attempts !== undefined && given === 4) retries.set(table, { delay, attempts });
  else if (given > 0) {
    const message = "a retry needs 'retry-predicate', 'retry-strategy', 'fixed-delay' and 'max-attempts'";
    mistake(context, 'missing-option', message, hint.span);
  }
}

function checkList(context: Context, hint: Hint, names: ReadonlySet<string>): void {
  const kind = hint.name.name.toUpperCase();
  if (hint.options.length > 0 || hint.names.length === 0) {
    mistake(context, 'invalid-query', `hint ${kind} takes the names of tables`, hint.span, {
      help: `write ${kind}(orders)`,
    });
  }
  for (const each of hint.names) checkName(context, hint, each.value, each, names);
}

function checkPairs(context: Context, hint: Hint, example: string): boolean {
  if (hint.names.length === 0 && hint.options.length > 0) return true;
  const message = `hint ${hint.name.name.toUpperCase()} takes pairs of keys and values`;
  mistake(context, 'invalid-query', message, hint.span, { help: `write ${example}` });
  return false;
}

function checkName(
  context: Context,
  hint: Hint,
  name: string,
  { span }: Pick<StringLiteral, 'span'>,
  names: ReadonlySet<string>,
): void {
  if (names.has(name)) return;
  const short = [...names].filter((each) => !each.includes('.'));
  const near = didYouMean(name, short, span, undefined, 'word').help;
  const all = `tables of this FROM: ${short.join(', ') || 'none'}; one with an alias goes by that`;
  const message = `'${name}' in hint ${hint.name.name.toUpperCase()} is no table of this FROM`;
  mistake(context, 'invalid-query', message, span, { help: near ?? all });
}
