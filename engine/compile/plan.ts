import { type ConnectorContext, contextFor } from '../connector/context.ts';
import type { Source } from '../connector/source.ts';
import { DropLate } from '../operators/drop-late.ts';
import { FirstByTime } from '../operators/first-by-time.ts';
import { GroupAggregate } from '../operators/group-aggregate.ts';
import { IntervalJoin } from '../operators/interval-join.ts';
import { Journal } from '../operators/journal.ts';
import { KeySemiJoin } from '../operators/key-semi-join.ts';
import { LookupJoin } from '../operators/lookup-join.ts';
import { Normalize } from '../operators/normalize.ts';
import {
  connect,
  type Emit,
  mergePorts,
  type NamedState,
  type Operator,
  type PlanContext,
  type Port,
  type RunningPlan,
} from '../operators/operator.ts';
import { OverAggregate } from '../operators/over-aggregate.ts';
import { PaneAggregate } from '../operators/pane-aggregate.ts';
import { Rank } from '../operators/rank.ts';
import { RegularJoin } from '../operators/regular-join.ts';
import { SemiJoin } from '../operators/semi-join.ts';
import { SessionWindows } from '../operators/session-windows.ts';
import { SortedOver } from '../operators/sorted-over.ts';
import type { SpillOptions, SpillPlace } from '../operators/spill.ts';
import { TemporalJoin } from '../operators/temporal-join.ts';
import { unnest } from '../operators/unnest.ts';
import { ValuesSource } from '../operators/values-source.ts';
import { WatermarkAssigner } from '../operators/watermark.ts';
import { WindowAggregate } from '../operators/window-aggregate.ts';
import { WindowRank } from '../operators/window-rank.ts';
import { windowRows } from '../operators/window-rows.ts';
import { column } from '../plan/build.ts';
import { changelogsOf, updatesOf } from '../plan/changelog.ts';
import { evaluate } from '../plan/evaluate.ts';
import { mindsEventTime } from '../plan/event-time.ts';
import type { Expr } from '../plan/expr.ts';
import { identityOf } from '../plan/fingerprint.ts';
import { notInKeys } from '../plan/join-condition.ts';
import { type Panes, panesOf } from '../plan/panes.ts';
import {
  type Aggregate,
  asksOnly,
  type Changelog,
  inputsOf,
  type Join,
  type LookupJoin as LookupPlan,
  type Plan,
  type Unnest,
  type Values,
} from '../plan/plan.ts';
import { keepsFirst, newestFirst } from '../plan/rank-order.ts';
import { countSpilling, stateOf } from '../plan/state.ts';
import { mayBeLate, timeBoundsOf, windowBoundsOf } from '../plan/time-bounds.ts';
import { batchOf, type RowBatch } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import { timeZone } from '../types/time-zone.ts';
import { type CalcProgram, compileCalc } from './calc.ts';
import { describeFailure, evaluationFailure, type SourceText } from './failure.ts';
import { compileJoin, type FailureOf } from './join.ts';
import { compileLookup } from './lookup.ts';
import { Names } from './names.ts';

export interface CompileOptions {
  /** The file of the job, for errors of expressions. */
  readonly source?: SourceText;
  /** Whether whoever takes the rows needs -U rows; true where absent. */
  readonly before?: boolean;
  /** `table.exec.state.ttl`: milliseconds after which state that was not written is forgotten; absent: never. */
  readonly stateTtl?: number;
}

/** What all nodes of one plan are compiled with. */
interface Compilation extends CompileOptions {
  readonly changelogs: ReadonlyMap<Plan, Changelog>;
  /** Whether a node above acts on event time. */
  readonly minded: boolean;
  /** Whether between that node and this one rows change: what it sees at a moment must not depend on batches. */
  readonly eager: boolean;
}

/** What a compiled plan reads. */
export interface CompiledSource extends Leaf {
  /** The table's name, 'values' for constant rows, with '#2' … where the plan reads it again. */
  readonly key: string;
}

interface Leaf {
  /** The table's name; empty for constant rows. */
  readonly table: string;
  /** The columns that it gives. */
  readonly fields: readonly Field[];
  create(context: ConnectorContext): Source;
  /** Constant rows, which need no source; absent for tables. */
  readonly constant?: () => RowBatch;
}

export interface CompiledPlan {
  readonly fields: readonly Field[];
  readonly sources: readonly CompiledSource[];
  /** Fresh operators that send on to `emit`; one port for each source, in order. Empty batches are not sent on. */
  instantiate(emit: Emit, context?: PlanContext): RunningPlan;
}

type Transform = (batch: RowBatch) => RowBatch;

/**
 * A plan as operators. Between two operators that keep state, and in a plan without any, rows pass a chain of functions
 * from batch to batch: one call each, whatever the plan.
 */
export function compilePlan(plan: Plan, options: CompileOptions = {}): CompiledPlan {
  const changelogs = changelogsOf(plan, options.before ?? true);
  const graph = graphOf(plan, [], { ...options, changelogs, minded: false, eager: false });
  const names = new Names();
  const sources = graph.sources.map((leaf) => ({ ...leaf, key: names.next(leaf.table || 'values') }));
  const keys = sources.map(({ key }) => key);
  return {
    fields: plan.fields,
    sources,
    instantiate: (emit, context = {}) => {
      const states: NamedState[] = [];
      const ticks: Tick[] = [];
      const opened: { close(): Promise<void> }[] = [];
      const journal = new Journal();
      const { late } = context;
      const ports = graph.connect(
        { push: (batch) => (journal.replaying ? undefined : emit(batch)), advance: () => undefined },
        {
          ...(late && { late: (rows) => (journal.replaying ? undefined : late(rows)) }),
          ...(context.connector && { connector: context.connector }),
          spill: spillsOf(context.spill, countSpilling(plan), keys),
          opened: (thing) => void opened.push(thing),
          observe: (operator) => journal.observe(operator),
          made: (node, operator, emitted, reads) => {
            const { state } = operator;
            if (state !== undefined) {
              const entries = journal.numberOf(operator);
              states.push({
                id: `${states.length} ${node.kind}`,
                ...identityOf(node, keys.slice(...reads)),
                updates: changelogs.get(node) !== 'append',
                counts: countsRows(node),
                ...(node.kind === 'watermark' ? { eventTime: true } : {}),
                ...(entries === undefined ? {} : { entries }),
                state,
              });
            }
            if (operator.tick !== undefined) ticks.push((now) => operator.tick!(now, emitted));
          },
        },
        0,
      );
      return {
        ports,
        states,
        journal,
        ...(ticks.length === 0 ? {} : { tick: inTurn(ticks) }),
        ...(opened.length === 0 ? {} : { close: () => closeAll(opened) }),
      };
    },
  };
}

function countsRows(node: Plan): boolean {
  if (node.kind === 'over') return node.attribute === undefined;
  return node.kind === 'aggregate' || (node.kind === 'join' && asksOnly(node.type));
}

async function closeAll(things: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const thing of things) await thing.close();
}

type Tick = NonNullable<RunningPlan['tick']>;

/** What the operator of a node is given of the place for state that memory has no room for; `part`: where it has several. */
export type Spills = (part?: 'left' | 'right') => { readonly spill?: SpillOptions };

/** As of `Spills`, for both inputs of a join. */
function spillsOfInputs(spill: Spills): { readonly spill?: readonly [SpillOptions, SpillOptions] } {
  const [{ spill: left }, { spill: right }] = [spill('left'), spill('right')];
  return left === undefined || right === undefined ? {} : { spill: [left, right] };
}

/** The sources that a node reads, itself or through others: from one number up to another, exclusive. */
type Reads = readonly [from: number, to: number];

/**
 * A store for each operator that may move state, and its share of the memory. Its name says what it is for, so that the same node
 * finds it again when others come or go.
 */
function spillsOf(place: SpillPlace | undefined, operators: number, keys: readonly string[]): Making['spill'] {
  return (node, reads) => (part) => {
    if (place === undefined || !stateOf(node)?.spills) return {};
    const memory = place.memory === undefined ? undefined : place.memory / operators;
    const name = `${node.kind} ${identityOf(node, keys.slice(...reads)).fingerprint}`;
    return { spill: { memory, store: place.open(part === undefined ? name : `${name} ${part}`) } };
  };
}

/** What operators are made with. */
interface Making extends Omit<PlanContext, 'spill'> {
  spill(node: Plan, reads: Reads): Spills;
  /** Told of what is to be closed in the end. */
  opened(thing: { close(): Promise<void> }): void;
  /** The operator to use in its place. */
  observe(operator: Operator): Operator;
  /** Told of each operator as it is made, always in the same order, and where it emits to. */
  made(node: Plan, operator: Operator, emit: Emit, reads: Reads): void;
}

function inTurn(ticks: readonly Tick[]): Tick {
  return async (now) => {
    for (const tick of ticks) await tick(now);
  };
}

interface Graph {
  readonly sources: readonly Leaf[];
  /** Fresh operators that send on to `out`; one port for each source. `first`: the number of its first source in the plan. */
  connect(out: Port, making: Making, first: number): readonly Port[];
}

/** What the inputs of a node are compiled with. */
function forInputs(plan: Plan, above: Compilation): Compilation {
  const minded = above.minded || mindsEventTime(plan);
  const eager = above.eager || (above.minded && updatesOf(plan)?.cause === plan);
  return minded === above.minded && eager === above.eager ? above : { ...above, minded, eager };
}

/** The plan as a graph; `after` are the stateless steps above it. */
function graphOf(plan: Plan, after: readonly (() => Transform)[], above: Compilation): Graph {
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
      const ttl = ttlOf(plan.ttl, options);
      const forgets = ttl === undefined ? {} : { ttl };
      return node(plan, (_, spill) => new GroupAggregate({ ...program, ...forgets, ...spill() }), after, options);
    }
    case 'join':
      return joinGraph(plan, after, options);
    case 'lookup-join':
      return lookupGraph(plan, after, options);
  }
}

/** The TTL of the job, where there is one. */
function forgetting({ stateTtl }: Compilation): { readonly ttl?: number } {
  return stateTtl === undefined ? {} : { ttl: stateTtl };
}

/** The TTL of one state: its own, else that of the job; undefined: never. */
function ttlOf(own: number | undefined, { stateTtl }: Compilation): number | undefined {
  const ttl = own ?? stateTtl;
  return ttl === 0 ? undefined : ttl;
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

/** A source and the steps behind it; event time begins further up. */
function leaf(source: Leaf, after: readonly (() => Transform)[]): Graph {
  return { sources: [source], connect: (out) => [chain(after, out)] };
}

/** The ports of several graphs, whose sources follow one another. */
function connectAll(graphs: readonly Graph[], outs: readonly Port[], making: Making, first: number): readonly Port[] {
  const ports: Port[] = [];
  for (const [i, graph] of graphs.entries()) ports.push(...graph.connect(outs[i]!, making, first + ports.length));
  return ports;
}

function joinGraph(plan: Join, after: readonly (() => Transform)[], options: Compilation): Graph {
  const outer = [plan.type === 'left' || plan.type === 'full', plan.type === 'right' || plan.type === 'full'] as const;
  const failureOf: FailureOf = (all, fields) => (error, batch, row) => {
    throw evaluationFailure(error, all, fields, batch, row, options.source);
  };
  const { inputs, feeds, condition } = compileJoin(plan, outer, failureOf);
  const steps = [plan.left, plan.right].map(({ fields }, i) => {
    const expressions = feeds[i];
    return expressions === undefined ? [] : [calc({ expressions }, fields, options)];
  });
  const bounds = timeBoundsOf(plan);
  const own = [ttlOf(plan.ttl?.left, options), ttlOf(plan.ttl?.right, options)] as const;
  const ttls = own.some((each) => each !== undefined) ? { ttl: own } : {};
  const ttl = forgetting(options);
  const notIn = notInKeys(plan) !== undefined;
  const create = (_: Late, spill: Spills): Operator => {
    const test = condition?.();
    if (!asksOnly(plan.type)) {
      const { asOf } = plan;
      if (asOf !== undefined) {
        const times = [asOf.left, asOf.right] as const;
        const ascending = asOf.ascending === true;
        const tested = test === undefined ? {} : { condition: test };
        return new TemporalJoin({ inputs, times, ascending, outer: outer[0], ...tested });
      }
      const program = { inputs, outer, ...(test === undefined ? {} : { condition: test }) };
      if (bounds === undefined) return new RegularJoin({ ...program, ...ttls, ...spillsOfInputs(spill) });
      return new IntervalJoin({
        ...program,
        times: bounds.columns,
        keep: bounds.keep,
        processing: bounds.attribute === 'processing',
        delay: bounds.kind === 'window' ? 0n : delayOf(bounds.keep),
      });
    }
    const answer = plan.type;
    if (test !== undefined) return new SemiJoin({ inputs, answer, condition: test, ...ttls, ...spillsOfInputs(spill) });
    return new KeySemiJoin({ inputs, answer, nullMeets: notIn, ...ttl, ...spill() });
  };
  return nodeOver(plan, [plan.left, plan.right], onTime(plan, steps, options), create, after);
}

/** The inputs of a join without the rows of windows that are closed, and the stateless steps behind them. */
function onTime(join: Join, steps: readonly (readonly (() => Transform)[])[], options: Compilation): readonly Graph[] {
  const bounds = windowBoundsOf(join);
  return [join.left, join.right].map((input, i) => {
    if (bounds?.attribute !== 'event' || !mayBeLate(input)) return graphOf(input, steps[i]!, options);
    const program = { time: bounds.columns[i]!, keep: bounds.keep[i]! };
    const create = (late: Late) => new DropLate({ ...program, late });
    return nodeOver(input, [input], [graphOf(input, [], options)], create, steps[i]!);
  });
}

function lookupGraph(plan: LookupPlan, after: readonly (() => Transform)[], options: Compilation): Graph {
  const failureOf: FailureOf = (all, fields) => (error, batch, row) => {
    throw evaluationFailure(error, all, fields, batch, row, options.source);
  };
  const compiled = compileLookup(plan, failureOf);
  const { feed, fields, expressions, scan } = compiled;
  const before = feed === undefined ? [] : [calc({ expressions: feed }, plan.input.fields, options)];
  const graph = graphOf(plan.input, before, options);
  return {
    sources: graph.sources,
    connect: (out, making, first) => {
      const { connector, columns, table } = scan;
      const context = making.connector?.(table.name);
      if (context === undefined) throw new Error(`nobody gives a context to look up '${table.name}'`);
      const lookup = connector.createLookup(compiled.asked, columns, contextFor(connector.name, context));
      const shape = compileCalc({ expressions }, failureOf(expressions, fields));
      const operator = new LookupJoin({ ...compiled.program(), table: shape }, lookup);
      const next = chain(after, out);
      const ports = connect(operator, 1, next);
      making.opened(lookup);
      return graph.connect(ports[0]!, making, first);
    },
  };
}

/** A row is told at the latest when it is done with. */
function delayOf(keep: readonly [bigint, bigint]): bigint {
  const most = keep[0] > keep[1] ? keep[0] : keep[1];
  return most > 0n ? most + 1000n : 1000n;
}

/** Told which rows of a batch of an input an operator left out because they are late. */
export type Late = (batch: RowBatch, rows: Int32Array, input?: number) => void;

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

/** An operator over the graphs of some plans; late rows are rows of those. */
function nodeOver(
  plan: Plan,
  inputs: readonly Plan[],
  graphs: readonly Graph[],
  create: (late: Late, spill: Spills) => Operator,
  after: readonly (() => Transform)[],
): Graph {
  const sources = graphs.flatMap((graph) => graph.sources);
  return {
    sources,
    connect: (out, making, first) => {
      const reads: Reads = [first, first + sources.length];
      const late: Late = (batch, rows, input = 0) => making.late?.({ fields: inputs[input]!.fields, batch, rows });
      const operator = making.observe(create(late, making.spill(plan, reads)));
      const next = chain(after, out);
      const ports = connectAll(graphs, connect(operator, graphs.length, next), making, first);
      making.made(plan, operator, (batch) => (batch.length === 0 ? undefined : next.push(batch)), reads);
      return ports;
    },
  };
}

function calc(program: CalcProgram, fields: readonly Field[], options: CompileOptions): () => Transform {
  const all: Expr[] = [...(program.condition === undefined ? [] : [program.condition]), ...program.expressions];
  return () =>
    compileCalc(program, (error, batch, row) => {
      throw evaluationFailure(error, all, fields, batch, row, options.source);
    });
}

/** The collection is computed into a column behind the others, then taken apart. */
function unnestSteps(plan: Unnest, options: CompileOptions): (() => Transform)[] {
  const { fields } = plan.input;
  const expressions = [...fields.map((field, i) => column(i, field)), plan.collection];
  const program = { collection: plan.collection.type, ordinality: plan.ordinality, outer: plan.outer };
  const test = plan.condition && calc({ expressions: [plan.condition] }, plan.fields, options);
  const create = () => {
    const passes = test?.();
    return unnest(passes === undefined ? program : { ...program, test: (batch) => passes(batch).columns[0]! });
  };
  return [calc({ expressions }, fields, options), create];
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

function chain(create: readonly (() => Transform)[], out: Port): Port {
  if (create.length === 0) return out;
  const steps = create.map((step) => step());
  const { push } = out;
  return {
    ...out,
    push: (batch) => {
      let current = batch;
      for (const step of steps) {
        current = step(current);
        if (current.length === 0) return undefined;
      }
      return push(current);
    },
  };
}
