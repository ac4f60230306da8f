import type { Span } from '../diagnostics/diagnostic.ts';
import { distinctOf } from '../functions/aggregates/distinct.ts';
import { aggregateFunctions } from '../functions/aggregates/index.ts';
import { caseWhen, castTo, column, literal } from '../plan/build.ts';
import { type WindowColumns, windowColumnsOf } from '../plan/event-time.ts';
import type { ColumnExpr, Expr } from '../plan/expr.ts';
import { lastInstantOf } from '../plan/last-instant.ts';
import type { Aggregate, AggregateCall, Plan } from '../plan/plan.ts';
import type { Call, Expression } from '../syntax/ast.ts';
import { type Field, sameType, type } from '../types/data-type.ts';
import { constantOf } from './call.ts';
import { type Context, mistake } from './context.ts';
import type { GroupWindow } from './group-window.ts';
import { expand, isOneOf } from './grouping-sets.ts';

/**
 * A GROUP BY while the clauses above it are analyzed: its keys, and the aggregate calls that they turn out to need.
 * Below it stands a projection of the keys and of all arguments.
 */
export class Groups {
  readonly #names: ReadonlyMap<string, number>;
  readonly #key: (node: Expression) => string;
  readonly #keys: readonly Expr[];
  readonly #below: Expr[];
  readonly #calls: AggregateCall[] = [];
  readonly #window: GroupWindow | undefined;
  readonly #sets: readonly ReadonlySet<number>[];

  /**
   * `key` is equal for expressions that mean the same; `keys` has one for each name. `sets`: the keys of each grouping
   * set, where there are several; the last key is the number of the set then.
   */
  constructor(
    keys: readonly Expr[],
    names: readonly string[],
    key: (node: Expression) => string,
    groups: { readonly sets?: readonly ReadonlySet<number>[]; readonly window?: GroupWindow } = {},
  ) {
    const { sets = [], window } = groups;
    this.#sets = sets;
    this.#window = window;
    this.#keys = window === undefined ? keys : [...keys, ...window.bounds];
    this.#below = [...this.#keys];
    this.#names = new Map(names.map((name, i) => [name, i]));
    this.#key = key;
  }

  /** Whether nothing is grouped by: one group. */
  get global(): boolean {
    return this.#keys.length === 0;
  }

  /** Whether a window such as TUMBLE(ts, size) is grouped by. */
  get window(): boolean {
    return this.#window !== undefined;
  }

  /** The column of an expression that is grouped by. */
  keyOf(node: Expression): ColumnExpr | undefined {
    const index = this.#names.size === 0 ? undefined : this.#names.get(this.#key(node));
    return index === undefined ? undefined : column(index, { name: `k${index}`, type: this.#keys[index]!.type });
  }

  /** Where the column `index` of the rows that are grouped stands among the keys; undefined where it is none. */
  keyAt(index: number): number | undefined {
    const found = this.#keys.findIndex((key) => key.kind === 'column' && key.index === index);
    return found < 0 ? undefined : found;
  }

  /** For each grouping set what GROUPING of the expressions is, a bit each; undefined where one is not grouped by. */
  groupingOf(
    nodes: readonly Expression[],
  ): { readonly set: ColumnExpr; readonly values: readonly bigint[] } | undefined {
    const keys: number[] = [];
    for (const node of nodes) {
      const index = this.#names.get(this.#key(node));
      if (index === undefined) return undefined;
      keys.push(index);
    }
    const last = this.#keys.length - 1;
    const bits = (set: ReadonlySet<number>) => keys.reduce((sum, key) => sum * 2n + (set.has(key) ? 0n : 1n), 0n);
    return {
      set: column(last, { name: `k${last}`, type: this.#keys[last]!.type }),
      values: this.#sets.length === 0 ? [0n] : this.#sets.map(bits),
    };
  }

  /** The column that TUMBLE_START(…) and its like stand for; undefined after a report. */
  boundOf(context: Context, node: Call, name: string): Expr | undefined {
    if (this.#window === undefined) return undefined;
    const bound = this.#window.boundOf(context, node, name);
    const index = this.#window.bounds.findIndex((each) => each === bound);
    if (bound === undefined) return undefined;
    return column(this.#keys.length - this.#window.bounds.length + index, { name: bound.name, type: bound.type });
  }

  /** The column of a call; equal calls are one. */
  callOf(
    call: Omit<AggregateCall, 'arguments' | 'filter'>,
    args: readonly Expr[],
    filter: Expr | undefined,
  ): ColumnExpr {
    const found: AggregateCall = {
      ...call,
      arguments: args.map((arg) => this.#columnBelow(arg)),
      ...(filter === undefined ? {} : { filter: this.#columnBelow(filter) }),
    };
    let index = this.#calls.findIndex((each) => sameCall(each, found));
    if (index < 0) index = this.#calls.push(found) - 1;
    return column(this.#keys.length + index, { name: `a${index}`, type: call.resolved.type });
  }

  /** The groups of the rows of `source`, `span` being the GROUP BY; undefined after a report. */
  plan(source: Plan, span: Span | undefined): Aggregate | undefined {
    const rows = this.#window === undefined ? source : this.#window.plan(source);
    if (rows === undefined) return undefined;
    const input = this.#sets.length === 0 ? rows : expand(rows, this.#sets.length);
    const below = this.#below.map((expr, i): Field => ({ name: this.#nameOf(expr) ?? `$f${i}`, type: expr.type }));
    const projected: Plan = { kind: 'project', input, expressions: this.#below, fields: below };
    const window = this.#windowOf(input);
    const last = window && lastInstantOf(window, input);
    const withTime =
      last === undefined
        ? projected
        : {
            ...projected,
            expressions: [...this.#below, last],
            fields: [...below, { name: 'window_time', type: last.type }],
          };
    return {
      kind: 'aggregate',
      input: withTime,
      ...(window === undefined ? {} : { window: { time: below.length, attribute: window.attribute } }),
      keys: this.#keys.map((_, i) => i),
      calls: this.#calls,
      fields: [
        ...below.slice(0, this.#keys.length),
        ...this.#calls.map(({ resolved }, i): Field => ({ name: `EXPR$${i}`, type: resolved.type })),
      ],
      ...(span === undefined ? {} : { span }),
    };
  }

  /** The window that the rows are in, where its start and its end are grouped by. */
  #windowOf(input: Plan): WindowColumns | undefined {
    const window = windowColumnsOf(input);
    const grouped = (index: number) => this.#keys.some((key) => key.kind === 'column' && key.index === index);
    return window !== undefined && grouped(window.start) && grouped(window.end) ? window : undefined;
  }

  /** A key that only some sets have keeps its name. */
  #nameOf(expr: Expr): string | undefined {
    if (expr.kind === 'column') return expr.name;
    const whole = this.#sets.length > 0 && expr.kind === 'case' ? expr.branches[0]!.result : undefined;
    return whole?.kind === 'column' ? whole.name : undefined;
  }

  #columnBelow(expr: Expr): number {
    const found =
      expr.kind === 'column'
        ? this.#below.findIndex((e) => e.kind === 'column' && e.index === expr.index && sameType(e.type, expr.type))
        : this.#below.indexOf(expr);
    return found >= 0 ? found : this.#below.push(expr) - 1;
  }
}

function sameCall(a: AggregateCall, b: AggregateCall): boolean {
  return (
    a.name === b.name &&
    a.distinct === b.distinct &&
    a.filter === b.filter &&
    a.resolved.clauses === b.resolved.clauses &&
    a.arguments.length === b.arguments.length &&
    a.arguments.every((argument, i) => argument === b.arguments[i])
  );
}

/** A call of an aggregate function over analyzed arguments, as a column above the GROUP BY. */
export function aggregateCall(
  context: Context,
  groups: Groups,
  node: Call,
  name: string,
  values: readonly Expr[],
  filter: Expr | undefined,
): Expr | undefined {
  const definition = aggregateFunctions.get(name)!;
  if (wrongOrder(context, node, name)) return undefined;
  const grouping = {
    mayBeEmpty: groups.global || filter !== undefined,
    ...(node.nulls === undefined ? {} : { nulls: node.nulls }),
    ...(node.json?.onNull === undefined ? {} : { onNull: node.json.onNull }),
  };
  const resolved = definition.resolve(values.map(constantOf), grouping, context.session);
  if ('mismatch' in resolved) {
    const at = resolved.argument === undefined ? node.span : (values[resolved.argument]?.span ?? node.span);
    const help = resolved.help ?? `write ${definition.syntax.join(' or ')}`;
    return mistake(context, 'invalid-argument', resolved.mismatch, at, { help });
  }
  const args = resolved.parameters.map((t, i) => castTo(values[i]!, t, context.session.timeZone));
  const distinct = node.distinct === true && definition.idempotent !== true;
  const counted = distinct ? distinctOf(resolved) : resolved;
  const call = groups.callOf({ name: definition.name, resolved: counted, distinct }, args, filter);
  return { ...call, span: node.span };
}

/** GROUPING and GROUPING_ID: a bit for each expression, 1 where the row's grouping set does not have it. */
export function groupingCall(context: Context, groups: Groups, node: Call, name: string): Expr | undefined {
  if (name === 'GROUP_ID') return literal(type.bigint(false), 0n, node.span);
  const found = node.arguments.length === 0 ? undefined : groups.groupingOf(node.arguments);
  if (found === undefined) {
    const message = `${name} takes expressions of GROUP BY`;
    return mistake(context, 'invalid-argument', message, (node.arguments[0] ?? node).span);
  }
  const { set, values } = found;
  const results = [...new Set(values)].map((value) => literal(type.bigint(false), value, node.span));
  const otherwise = results.pop()!;
  if (results.length === 0) return otherwise;
  const branches = results.map((result) => {
    const sets = values.flatMap((value, i) => (value === result.value ? [i] : []));
    return { when: isOneOf(context, set, sets), result };
  });
  return caseWhen(branches, otherwise, node.span);
}

/** An order within an aggregate: Flink has none either, values come as they come. */
function wrongOrder(context: Context, node: Call, name: string): boolean {
  const order = node.orderBy ?? node.withinGroup;
  if (order === undefined) return false;
  const help = 'leave the order out: values are taken as they come';
  mistake(context, 'invalid-argument', `${name} takes no ORDER BY`, node.span, { help });
  return true;
}
