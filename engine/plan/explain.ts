import { typeText } from '../types/data-type.ts';
import type { Expr } from './expr.ts';
import { exprText } from './expr-text.ts';
import {
  type AggregateCall,
  inputsOf,
  type OverFrame,
  type Plan,
  type Rank,
  type RankOrder,
  type SinkPlan,
  type Window,
} from './plan.ts';
import { timeBoundsOf } from './time-bounds.ts';

/** One operator of a plan as plain data: its name, what it says, and what it reads. */
export interface ExplainNode {
  readonly operator: string;
  /** In the order in which they are printed. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
  readonly inputs: readonly ExplainNode[];
}

/** The plan in Flink's vocabulary, a tree drawn with +- and :-; ends without a line break. */
export function explainText(plan: Plan | SinkPlan): string {
  return treeText(explain(plan));
}

/** A tree drawn with +- and :-; ends without a line break. */
export function treeText(tree: ExplainNode): string {
  return lines(tree).join('\n');
}

/** The plan as data, for JSON and drawings. A filter and the projection above it are one Calc. */
export function explain(plan: Plan | SinkPlan): ExplainNode {
  switch (plan.kind) {
    case 'sink':
      return {
        operator: 'Sink',
        attributes: { table: plan.path.join('.'), fields: plan.written.map((i) => plan.table.columns[i]!.name) },
        fields: fieldsOf(plan.input),
        inputs: [explain(plan.input)],
      };
    case 'scan':
      return node(plan, 'TableSourceScan', {
        table: `[${plan.path.join(', ')}]`,
        fields: plan.columns.map((i) => plan.table.columns[i]!.name),
      });
    case 'normalize':
      return node(plan, 'ChangelogNormalize', { key: plan.keys.map((i) => plan.fields[i]!.name) }, [plan.input]);
    case 'filter':
      return calc(plan, selectOf(plan), plan.condition, plan.input);
    case 'project':
      return plan.input.kind === 'filter'
        ? calc(plan, selectOf(plan), plan.input.condition, plan.input.input)
        : calc(plan, selectOf(plan), undefined, plan.input);
    case 'union':
      return node(plan, 'Union', { all: 'true', union: plan.fields.map((f) => f.name) }, plan.inputs);
    case 'values':
      return node(plan, 'Values', { tuples: plan.rows.map((row) => `{ ${row.map(exprText).join(', ')} }`) });
    case 'unnest': {
      const attributes: Record<string, string | string[]> = {
        collection: exprText(plan.collection),
        select: plan.fields.map((f) => f.name),
        joinType: plan.outer ? 'LEFT' : 'INNER',
      };
      if (plan.ordinality) attributes.ordinality = 'true';
      if (plan.condition !== undefined) attributes.condition = exprText(plan.condition);
      return node(plan, 'Unnest', attributes, [plan.input]);
    }
    case 'watermark':
      return node(
        plan,
        'WatermarkAssigner',
        { rowtime: plan.fields[plan.rowtime]!.name, watermark: exprText(plan.expression) },
        [plan.input],
      );
    case 'window': {
      return node(plan, 'WindowTableFunction', { window: windowText(plan) }, [plan.input]);
    }
    case 'over': {
      const names = plan.input.fields.map((f) => f.name);
      const calls = plan.calls.map((call, i) => `${callText(call, names)} AS ${plan.fields[names.length + i]!.name}`);
      if (plan.calls.length === 0) {
        const orderBy = [`${names[plan.time]!} ASC`, ...plan.ties.map((each) => orderText(each, names))];
        return node(plan, 'TemporalSort', { orderBy, select: names }, [plan.input]);
      }
      const partitionBy = plan.partition.length === 0 ? {} : { partitionBy: plan.partition.map((i) => names[i]!) };
      const attributes = { ...partitionBy, orderBy: [names[plan.time]!], window: frameText(plan.frame) };
      return node(plan, 'OverAggregate', { ...attributes, select: [...names, ...calls] }, [plan.input]);
    }
    case 'rank':
      return explainRank(plan);
    case 'aggregate': {
      const names = plan.input.fields.map((f) => f.name);
      const groupBy = plan.keys.length === 0 ? {} : { groupBy: plan.keys.map((i) => names[i]!) };
      const calls = plan.calls.map(
        (call, i) => `${callText(call, names)} AS ${plan.fields[plan.keys.length + i]!.name}`,
      );
      return node(
        plan,
        plan.window === undefined ? 'GroupAggregate' : 'WindowAggregate',
        { ...groupBy, select: [...plan.keys.map((i) => names[i]!), ...calls], ...ttlHints([plan.ttl]) },
        [plan.input],
      );
    }
    case 'lookup-join': {
      const table = explain(plan.table);
      return node(
        plan,
        'LookupJoin',
        {
          table: `[${tableOf(plan.table)}]`,
          joinType: joinNames[plan.type],
          where: exprText(plan.condition),
          lookup: table.fields.map(({ name }) => name),
          select: plan.fields.map((f) => f.name),
          ...(plan.retry && { retry: ['lookup_miss', `${plan.retry.delay}ms`, `${plan.retry.attempts}`] }),
        },
        [plan.input],
      );
    }
    case 'join': {
      const where = plan.condition === undefined ? {} : { where: exprText(plan.condition) };
      const select = plan.fields.map((f) => f.name);
      const versions = plan.asOf?.ascending ? { versions: 'newest' } : {};
      const hints = ttlHints([plan.ttl?.left, plan.ttl?.right], ['LEFT=', 'RIGHT=']);
      const attributes = { joinType: joinNames[plan.type], ...where, ...versions, select, ...hints };
      const names = { interval: 'IntervalJoin', window: 'WindowJoin' } as const;
      const bounds = timeBoundsOf(plan);
      const plain = plan.asOf === undefined ? 'Join' : 'TemporalJoin';
      return node(plan, bounds === undefined ? plain : names[bounds.kind], attributes, [plan.left, plan.right]);
    }
  }
}

function ttlHints(ttls: readonly (number | undefined)[], sides: readonly string[] = []) {
  const given = ttls.flatMap((ttl, i) => (ttl === undefined ? [] : [`${sides[i] ?? ''}${ttl}ms`]));
  return given.length === 0 ? {} : { stateTtlHints: given };
}

function tableOf(plan: Plan): string {
  return plan.kind === 'scan' ? plan.path.join('.') : inputsOf(plan).map(tableOf).join(', ');
}

const joinNames = {
  inner: 'InnerJoin',
  left: 'LeftOuterJoin',
  right: 'RightOuterJoin',
  full: 'FullOuterJoin',
  semi: 'LeftSemiJoin',
  anti: 'LeftAntiJoin',
  mark: 'LeftMarkJoin',
} as const;

function frameText({ rows, preceding }: OverFrame): string {
  const far = preceding === undefined ? 'UNBOUNDED' : rows ? String(preceding) : `${preceding / 1000n} ms`;
  return `${rows ? 'ROWS' : 'RANGE'} BETWEEN ${far} PRECEDING AND CURRENT ROW`;
}

function windowText({ window, input, time }: Window): string {
  const { kind, ...rest } = window;
  const parts = Object.entries(rest).flatMap(([name, value]) => {
    if (Array.isArray(value)) {
      return value.length === 0
        ? []
        : [`partition keys=[${value.map((i: number) => input.fields[i]!.name).join(', ')}]`];
    }
    return name === 'offset' && value === 0n ? [] : [`${name}=[${(value as bigint) / 1000n} ms]`];
  });
  return `${kind.toUpperCase()}(${[`time_col=[${input.fields[time]!.name}]`, ...parts].join(', ')})`;
}

/** NULLS FIRST and NULLS LAST only where they are not the default. */
function orderText({ column, descending, nullsFirst }: RankOrder, names: readonly string[]): string {
  const nulls = nullsFirst === descending ? ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}` : '';
  return `${names[column]} ${descending ? 'DESC' : 'ASC'}${nulls}`;
}

function explainRank(plan: Rank): ExplainNode {
  const names = plan.input.fields.map((field) => field.name);
  const order = plan.order.map((each) => orderText(each, names));
  const attributes = {
    rankRange: `rankStart=${plan.start}, rankEnd=${plan.end}`,
    ...(plan.partition.length === 0 ? {} : { partitionBy: plan.partition.map((i) => names[i]!) }),
    ...(order.length === 0 ? {} : { orderBy: order }),
    select: plan.fields.map((field) => field.name),
  };
  const ranked = plan.window === undefined ? 'Rank' : 'WindowRank';
  const name = plan.newest === true ? 'UpsertMaterializer' : order.length === 0 ? 'Limit' : ranked;
  return node(plan, name, attributes, [plan.input]);
}

function calc(plan: Plan, select: string[], condition: Expr | undefined, input: Plan): ExplainNode {
  const where = condition === undefined ? {} : { where: exprText(condition) };
  return node(plan, 'Calc', { select, ...where }, [input]);
}

function callText(call: AggregateCall, names: readonly string[]): string {
  const args = call.arguments.length === 0 ? '*' : call.arguments.map((i) => names[i]!).join(', ');
  const filter = call.filter === undefined ? '' : ` FILTER ${names[call.filter]!}`;
  const clauses = call.resolved.clauses === undefined ? '' : `, ${call.resolved.clauses}`;
  return `${call.name}(${call.distinct ? 'DISTINCT ' : ''}${args}${clauses})${filter}`;
}

function selectOf(plan: Plan): string[] {
  if (plan.kind !== 'project') return plan.fields.map((field) => field.name);
  return plan.expressions.map((expr, i) => {
    const text = exprText(expr);
    const { name } = plan.fields[i]!;
    return text === name ? text : `${text} AS ${name}`;
  });
}

function node(
  plan: Plan,
  operator: string,
  attributes: ExplainNode['attributes'],
  inputs: readonly Plan[] = [],
): ExplainNode {
  return { operator, attributes, fields: fieldsOf(plan), inputs: inputs.map(explain) };
}

function fieldsOf(plan: Plan): ExplainNode['fields'] {
  return plan.fields.map(({ name, type }) => ({ name, type: typeText(type) }));
}

function lines({ operator, attributes, inputs }: ExplainNode): string[] {
  const attributeText = Object.entries(attributes).map(
    ([key, value]) => `${key}=[${typeof value === 'string' ? value : value.join(', ')}]`,
  );
  const result = [`${operator}(${attributeText.join(', ')})`];
  inputs.forEach((input, i) => {
    const last = i === inputs.length - 1;
    lines(input).forEach((line, n) => {
      result.push(`${n === 0 ? (last ? '+- ' : ':- ') : last ? '   ' : ':  '}${line}`);
    });
  });
  return result;
}
