import { column } from '../build.ts';
import { type Expr, forEachColumn, replaceColumns } from '../expr.ts';
import { expressionsOf } from '../expressions.ts';
import type { Aggregate, AggregateCall, Join, LookupJoin, Over, Plan, Rank, Scan, Unnest } from '../plan.ts';

/** Below each projection only the columns that something above reads; a scan asks its connector for no others. */
export function pruneColumns(plan: Plan): Plan {
  return prune(
    plan,
    plan.fields.map((_, i) => i),
  );
}

/** The plan with only the columns `wanted` (ascending), in that order. */
function prune(plan: Plan, wanted: readonly number[]): Plan {
  const fields = wanted.map((i) => plan.fields[i]!);
  switch (plan.kind) {
    case 'scan':
      if (wanted.length === plan.fields.length) return plan;
      return { ...plan, columns: wanted.map((i) => plan.columns[i]!), fields };
    case 'values':
      if (wanted.length === plan.fields.length) return plan;
      return { ...plan, rows: plan.rows.map((row) => wanted.map((i) => row[i]!)), fields };
    case 'normalize': {
      const kept = union(wanted, plan.keys);
      const input = prune(plan.input, kept) as Scan;
      const normalize: Plan = { ...plan, input, keys: plan.keys.map((i) => kept.indexOf(i)), fields: input.fields };
      return select(normalize, wanted, kept);
    }
    case 'project': {
      const expressions = wanted.map((i) => plan.expressions[i]!);
      const needed = columnsOf(expressions);
      const input = prune(plan.input, needed);
      return { ...plan, input, expressions: expressions.map((expr) => renumber(expr, needed)), fields };
    }
    case 'filter': {
      const needed = union(wanted, columnsOf([plan.condition]));
      const input = prune(plan.input, needed);
      const filter: Plan = {
        ...plan,
        input,
        condition: renumber(plan.condition, needed),
        fields: needed.map((i) => plan.fields[i]!),
      };
      return select(filter, wanted, needed);
    }
    case 'union':
      return { ...plan, inputs: plan.inputs.map((input) => prune(input, wanted)), fields };
    case 'unnest':
      return pruneUnnest(plan, wanted);
    case 'watermark': {
      const width = plan.input.fields.length;
      const current = plan.current === true && wanted.includes(width);
      const passed = wanted.filter((i) => i < width);
      const needed = union([...passed, plan.rowtime], columnsOf([plan.expression]));
      const kept = current ? [...needed, width] : needed;
      const { current: _, ...rest } = plan;
      const watermark: Plan = {
        ...rest,
        input: prune(plan.input, needed),
        rowtime: needed.indexOf(plan.rowtime),
        expression: renumber(plan.expression, needed),
        ...(current ? { current } : {}),
        fields: kept.map((i) => plan.fields[i]!),
      };
      return select(watermark, wanted, kept);
    }
    case 'window': {
      const width = plan.input.fields.length;
      const { window: shape } = plan;
      const keys = shape.kind === 'session' ? shape.keys : [];
      const needed = union(
        [plan.time, ...keys],
        wanted.filter((i) => i < width),
      );
      const kept = [...needed, width, width + 1, width + 2];
      const fields = kept.map((i) => plan.fields[i]!);
      const window: Plan = {
        ...plan,
        input: prune(plan.input, needed),
        time: needed.indexOf(plan.time),
        window: shape.kind === 'session' ? { ...shape, keys: keys.map((i) => needed.indexOf(i)) } : shape,
        fields,
      };
      return select(window, wanted, kept);
    }
    case 'over':
      return pruneOver(plan, wanted);
    case 'aggregate':
      return pruneAggregate(plan, wanted);
    case 'rank':
      return pruneRank(plan, wanted);
    case 'join':
      return pruneJoin(plan, wanted);
    case 'lookup-join':
      return pruneLookup(plan, wanted);
  }
}

function pruneUnnest(plan: Unnest, wanted: readonly number[]): Plan {
  const width = plan.input.fields.length;
  const needed = union(
    wanted.filter((i) => i < width),
    columnsOf(expressionsOf(plan)).filter((i) => i < width),
  );
  const kept = [...needed, ...plan.fields.map((_, i) => i).filter((i) => i >= width)];
  const unnest: Plan = {
    ...plan,
    input: prune(plan.input, needed),
    collection: renumber(plan.collection, needed),
    ...(plan.condition === undefined ? {} : { condition: renumber(plan.condition, kept) }),
    fields: kept.map((i) => plan.fields[i]!),
  };
  return select(unnest, wanted, kept);
}

/** The rank itself is left out where nobody reads it. */
function pruneRank(plan: Rank, wanted: readonly number[]): Plan {
  const width = plan.input.fields.length;
  const ordering = plan.order.map(({ column }) => column);
  const needed = union(
    [...plan.partition, ...ordering, ...(plan.window === undefined ? [] : [plan.window.time])],
    wanted.filter((i) => i < width),
  );
  const numbered = plan.numbered && wanted.includes(width);
  const kept = numbered ? [...needed, width] : needed;
  const rank: Plan = {
    ...plan,
    input: prune(plan.input, needed),
    partition: plan.partition.map((i) => needed.indexOf(i)),
    order: plan.order.map((each) => ({ ...each, column: needed.indexOf(each.column) })),
    ...(plan.window === undefined ? {} : { window: { ...plan.window, time: needed.indexOf(plan.window.time) } }),
    numbered,
    fields: kept.map((i) => plan.fields[i]!),
  };
  return select(rank, wanted, kept);
}

/** Keys stay, they make the groups; calls that nobody reads go. */
function pruneAggregate(plan: Aggregate, wanted: readonly number[]): Plan {
  const width = plan.keys.length;
  const calls = plan.calls.filter((_, i) => wanted.includes(width + i));
  const kept = [...plan.keys.keys(), ...plan.calls.flatMap((_, i) => (wanted.includes(width + i) ? [width + i] : []))];
  const read = calls.flatMap((call) => [...call.arguments, ...(call.filter === undefined ? [] : [call.filter])]);
  const needed = union(plan.keys, plan.window === undefined ? read : [...read, plan.window.time]);
  const aggregate: Plan = {
    ...plan,
    input: prune(plan.input, needed),
    keys: plan.keys.map((i) => needed.indexOf(i)),
    ...(plan.window === undefined ? {} : { window: { ...plan.window, time: needed.indexOf(plan.window.time) } }),
    calls: calls.map((call) => renumberCall(call, needed)),
    fields: kept.map((i) => plan.fields[i]!),
  };
  return select(aggregate, wanted, kept);
}

/** The columns that are read stay, calls that nobody reads go. */
function pruneOver(plan: Over, wanted: readonly number[]): Plan {
  const width = plan.input.fields.length;
  const calls = plan.calls.filter((_, i) => wanted.includes(width + i));
  const read = calls.flatMap((call) => [...call.arguments, ...(call.filter === undefined ? [] : [call.filter])]);
  const passed = wanted.filter((i) => i < width);
  const ordering = plan.ties.map(({ column }) => column);
  const needed = union([plan.time, ...ordering, ...plan.partition, ...read], passed);
  const kept = [...needed, ...wanted.filter((i) => i >= width)];
  const over: Plan = {
    ...plan,
    input: prune(plan.input, needed),
    partition: plan.partition.map((i) => needed.indexOf(i)),
    time: needed.indexOf(plan.time),
    ties: plan.ties.map((each) => ({ ...each, column: needed.indexOf(each.column) })),
    calls: calls.map((call) => renumberCall(call, needed)),
    fields: kept.map((i) => plan.fields[i]!),
  };
  return select(over, wanted, kept);
}

function renumberCall(call: AggregateCall, needed: readonly number[]): AggregateCall {
  return {
    ...call,
    arguments: call.arguments.map((i) => needed.indexOf(i)),
    ...(call.filter === undefined ? {} : { filter: needed.indexOf(call.filter) }),
  };
}

function pruneLookup(plan: LookupJoin, wanted: readonly number[]): Plan {
  const width = plan.input.fields.length;
  const needed = union(wanted, columnsOf([plan.condition]));
  const left = needed.filter((i) => i < width);
  const right = needed.filter((i) => i >= width);
  const join: LookupJoin = {
    ...plan,
    input: prune(plan.input, left),
    table: prune(
      plan.table,
      right.map((i) => i - width),
    ),
    condition: renumber(plan.condition, needed),
    fields: needed.map((i) => plan.fields[i]!),
  };
  return select(join, wanted, needed);
}

function pruneJoin(plan: Join, wanted: readonly number[]): Plan {
  const width = plan.left.fields.length;
  const { asOf } = plan;
  const times = asOf === undefined ? [] : [asOf.left, asOf.right + width];
  const marks = plan.type === 'mark';
  if (marks && !wanted.includes(width)) return prune(plan.left, wanted);
  const read = marks ? wanted.filter((i) => i < width) : wanted;
  const needed = union([...read, ...times], plan.condition === undefined ? [] : columnsOf([plan.condition]));
  const left = needed.filter((i) => i < width);
  const right = needed.filter((i) => i >= width);
  const kept = marks ? [...left, width] : plan.type === 'semi' || plan.type === 'anti' ? left : needed;
  const join: Plan = {
    ...plan,
    left: prune(plan.left, left),
    right: prune(
      plan.right,
      right.map((i) => i - width),
    ),
    ...(plan.condition === undefined ? {} : { condition: renumber(plan.condition, needed) }),
    ...(asOf === undefined
      ? {}
      : {
          asOf: {
            ...asOf,
            left: left.indexOf(asOf.left),
            right: right.indexOf(asOf.right + width),
            key: asOf.key.map((i) => right.indexOf(i + width)),
          },
        }),
    fields: kept.map((i) => plan.fields[i]!),
  };
  return select(join, wanted, kept);
}

/** The columns `wanted` of a plan that has the columns `kept`. */
function select(plan: Plan, wanted: readonly number[], kept: readonly number[]): Plan {
  if (wanted.length === kept.length) return plan;
  const fields = wanted.map((i) => plan.fields[kept.indexOf(i)]!);
  const expressions = wanted.map((i, k) => column(kept.indexOf(i), fields[k]!));
  return { kind: 'project', input: plan, expressions, fields };
}

function columnsOf(expressions: readonly Expr[]): number[] {
  const columns = new Set<number>();
  for (const expr of expressions) forEachColumn(expr, ({ index }) => columns.add(index));
  return [...columns].sort((a, b) => a - b);
}

function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function renumber(expr: Expr, columns: readonly number[]): Expr {
  return replaceColumns(expr, (each) => {
    const index = columns.indexOf(each.index);
    return index === each.index ? each : { ...each, index };
  });
}
