import { type ConnectorContext, contextFor } from '../connector/context.ts';
import { FirstByTime } from '../operators/first-by-time.ts';
import { GroupAggregate } from '../operators/group-aggregate.ts';
import { Normalize } from '../operators/normalize.ts';
import { connect, mergePorts, type Operator } from '../operators/operator.ts';
import { OverAggregate } from '../operators/over-aggregate.ts';
import { PaneAggregate } from '../operators/pane-aggregate.ts';
import { Rank } from '../operators/rank.ts';
import { SessionWindows } from '../operators/session-windows.ts';
import { SortedOver } from '../operators/sorted-over.ts';
import { ValuesSource } from '../operators/values-source.ts';
import { WatermarkAssigner } from '../operators/watermark.ts';
import { WindowAggregate } from '../operators/window-aggregate.ts';
import { WindowRank } from '../operators/window-rank.ts';
import { windowRows } from '../operators/window-rows.ts';
import { column } from '../plan/build.ts';
import { updatesOf } from '../plan/changelog.ts';
import { evaluate } from '../plan/evaluate.ts';
import { mindsEventTime } from '../plan/event-time.ts';
import { type Panes, panesOf } from '../plan/panes.ts';
import { type Aggregate, inputsOf, type Plan, type Values } from '../plan/plan.ts';
import { keepsFirst, newestFirst } from '../plan/rank-order.ts';
import { batchOf, type RowBatch } from '../types/batch.ts';
import { timeZone } from '../types/time-zone.ts';
import { describeFailure } from './failure.ts';
import {
  type Compilation,
  type CompileOptions,
  chain,
  connectAll,
  forgetting,
  type Graph,
  type Late,
  leaf,
  nodeOver,
  type Spills,
  type Transform,
} from './graph.ts';
import { joinGraph, lookupGraph } from './join-graph.ts';
import { calc, unnestSteps } from './steps.ts';

/** The plan as a graph; `after` are the stateless steps above it. */
export function graphOf(plan: Plan, after: readonly (() => Transform)[], above: Compilation): Graph {
  const options = forInputs(plan, above);
  switch (plan.kind) {
    case 'scan': {
      const { connector, columns, filters, table } = plan;
      const create = (context: ConnectorContext) =>
        connector.createSource(columns, contextFor(connector.name, context), filters);
      return leaf({ table: table.name, fields: plan.fields, create }, after);
    }
    case 'values': {
      const constant = () => valuesBatch(plan, options);
      return leaf({ table: '', fields: plan.fields, create: () => new ValuesSource(constant), constant }, after);
    }
    case 'normalize': {
      const program = {
        types: plan.fields.map((field) => field.type),
        keys: plan.keys,
        before: options.changelogs.get(plan) === 'retract',
        ...forgetting(options),
      };
      return node(plan, (_, spill) => new Normalize({ ...program, ...spill() }), after, options);
    }
    case 'union': {
      const graphs = plan.inputs.map((input) => graphOf(input, after, options));
      return {
        sources: graphs.flatMap((graph) => graph.sources),
        connect: (out, making, first) => {
          const ports = mergePorts(graphs.length, () => out.push, out.advance, out.idle);
          return connectAll(graphs, ports, making, first);
        },
      };
    }
    case 'filter': {
      const program = { condition: plan.condition, expressions: plan.input.fields.map((f, i) => column(i, f)) };
      return graphOf(plan.input, [calc(program, plan.input.fields, options), ...after], options);
    }
    case 'project': {
      const { input } = plan;
      if (input.kind !== 'filter') {
        const step = calc({ expressions: plan.expressions }, input.fields, options);
        return graphOf(input, [step, ...after], options);
      }
      const program = { condition: input.condition, expressions: plan.expressions };
      return graphOf(input.input, [calc(program, input.input.fields, options), ...after], options);
    }
    case 'unnest':
      return graphOf(plan.input, [...unnestSteps(plan, options), ...after], options);
    case 'watermark': {
      const below = plan.input.fields;
      const expressions = [...below.map((field, i) => column(i, field)), plan.expression];
      const graph = graphOf(plan.input, [calc({ expressions }, below, options)], options);
      const { rowtime, idleTimeout } = plan;
      const { name } = plan.fields[rowtime]!;
      const program = {
        rowtime,
        name,
        current: plan.current === true,
        eager: options.eager,
        ...(idleTimeout !== undefined && { idleTimeout }),
      };
      return {
        sources: graph.sources,
        connect: (out, making, first) => {
          const next = chain(after, out);
          const operator = new WatermarkAssigner(program, next);
          const [port] = connect(operator, 1, next);
          const ports = graph.connect({ ...port!, splits: (names) => operator.splits(names) }, making, first);
          making.made(plan, operator, next.push, [first, first + ports.length]);
          return ports;
        },
      };
    }
    case 'window': {
      const { time, window, zone: id } = plan;
      const zone = id === undefined ? {} : { zone: timeZone(id) };
      if (window.kind !== 'session') {
        return graphOf(plan.input, [() => windowRows({ time, window, ...zone }), ...after], options);
      }
      const program = {
        types: plan.input.fields.map((field) => field.type),
        keys: window.keys,
        time,
        gap: window.gap,
        ...zone,
        processing: plan.attribute === 'processing',
      };
      return node(plan, (late) => new SessionWindows({ ...program, late }), after, options);
    }
    case 'over': {
      const { attribute, time } = plan;
      if (attribute === undefined) {
        const program = {
          types: plan.input.fields.map((field) => field.type),
          keys: plan.partition,
          calls: plan.calls,
          order: { column: time, descending: false, nullsFirst: true },
          rows: plan.frame.rows,
          retracts: options.changelogs.get(plan.input) !== 'append',
          before: options.changelogs.get(plan) === 'retract',
          ...forgetting(options),
        };
        return node(plan, () => new SortedOver(program), after, options);
      }
      const program = {
        types: plan.input.fields.map((field) => field.type),
        keys: plan.partition,
        calls: plan.calls,
        time: plan.time,
        ties: plan.ties,
        processing: plan.attribute === 'processing',
        ...plan.frame,
        ...forgetting(options),
      };
      return node(plan, (late) => new OverAggregate({ ...program, late }), after, options);
    }
    case 'rank': {
      const { partition, order, start, end, numbered, window } = plan;
      const types = plan.input.fields.map((field) => field.type);
      if (window !== undefined) {
        const processing = window.attribute === 'processing';
        const rows = { types, partition, order, start, end, numbered, newestFirst: newestFirst(plan) };
        const create = (late: Late) => new WindowRank({ ...rows, time: window.time, processing, late });
        return node(plan, create, after, options);
      }
      if (keepsFirst(plan)) {
        const time = order[0]!.column;
        const program = { types, partition, time, numbered, ...forgetting(options) };
        return node(plan, (late) => new FirstByTime({ ...program, late }), after, options);
      }
      const program = {
        types,
        partition,
        order,
        start,
        end,
        numbered,
        newestFirst: newestFirst(plan),
        retracts: options.changelogs.get(plan.input) !== 'append',
        before: options.changelogs.get(plan) === 'retract',
        ...forgetting(options),
      };
      return node(plan, (_, spill) => new Rank({ ...program, ...spill() }), after, options);
    }
    case 'aggregate': {
      const program = {
        keys: plan.keys,
        calls: plan.calls,
        types: plan.input.fields.map((field) => field.type),
        retracts: options.changelogs.get(plan.input) !== 'append',
        before: options.changelogs.get(plan) === 'retract',
      };
      const { window } = plan;
      const panes = panesOf(plan);
      if (panes !== undefined) return paneGraph(plan, panes, after, options);
      if (window !== undefined) {
        const { time, attribute } = window;
        const processing = attribute === 'processing';
        return node(plan, (late) => new WindowAggregate({ ...program, time, processing, late }), after, options);
      }
      const forgets = forgetting(options, plan.ttl);
      return node(plan, (_, spill) => new GroupAggregate({ ...program, ...forgets, ...spill() }), after, options);
    }
    case 'join':
      return joinGraph(plan, after, options, graphOf);
    case 'lookup-join':
      return lookupGraph(plan, after, options, graphOf);
  }
}

/** What the inputs of a node are compiled with. */
function forInputs(plan: Plan, above: Compilation): Compilation {
  const minded = above.minded || mindsEventTime(plan);
  const eager = above.eager || (above.minded && updatesOf(plan)?.cause === plan);
  return minded === above.minded && eager === above.eager ? above : { ...above, minded, eager };
}

/** An aggregate of overlapping windows, which are put together out of panes. */
function paneGraph(
  plan: Aggregate,
  { input, bounds, window, zone, length, oldestFirst }: Panes,
  after: readonly (() => Transform)[],
  options: Compilation,
): Graph {
  const program = {
    types: input.fields.map((field) => field.type),
    keys: plan.keys.map((key) => bounds.get(key) ?? key),
    bounds,
    calls: plan.calls,
    window,
    length,
    oldestFirst,
    ...(zone === undefined ? {} : { zone: timeZone(zone) }),
  };
  const create = (late: Late) => new PaneAggregate({ ...program, late });
  return nodeOver(plan, [input], [graphOf(input, [], options)], create, after);
}

/** An operator over the inputs of its plan node. */
function node(
  plan: Plan,
  create: (late: Late, spill: Spills) => Operator,
  after: readonly (() => Transform)[],
  options: Compilation,
): Graph {
  const inputs = inputsOf(plan);
  const graphs = inputs.map((input) => graphOf(input, [], options));
  return nodeOver(plan, inputs, graphs, create, after);
}

function valuesBatch(plan: Values, options: CompileOptions): RowBatch {
  const types = plan.fields.map((field) => field.type);
  const rows = plan.rows.map((row) =>
    row.map((expr) => evaluate(expr, [], (failure) => fail(describeFailure(failure, options.source)))),
  );
  return batchOf(types, rows);
}

function fail(error: Error): never {
  throw error;
}
