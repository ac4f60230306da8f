import type { ConnectorContext } from '../connector/context.ts';
import type { Source } from '../connector/source.ts';
import { connect, type Emit, type Operator, type PlanContext, type Port } from '../operators/operator.ts';
import type { SpillOptions } from '../operators/spill.ts';
import type { Changelog, Plan } from '../plan/plan.ts';
import type { RowBatch } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import type { SourceText } from './failure.ts';

export interface CompileOptions {
  /** The file of the job, for errors of expressions. */
  readonly source?: SourceText;
  /** Whether whoever takes the rows needs -U rows; true where absent. */
  readonly before?: boolean;
  /** `table.exec.state.ttl`: milliseconds after which state that was not written is forgotten; absent: never. */
  readonly stateTtl?: number;
}

/** What all nodes of one plan are compiled with. */
export interface Compilation extends CompileOptions {
  readonly changelogs: ReadonlyMap<Plan, Changelog>;
  /** Whether a node above acts on event time. */
  readonly minded: boolean;
  /** Whether between that node and this one rows change: what it sees at a moment must not depend on batches. */
  readonly eager: boolean;
}

export type Transform = (batch: RowBatch) => RowBatch;

export interface Leaf {
  /** The table's name; empty for constant rows. */
  readonly table: string;
  /** The columns that it gives. */
  readonly fields: readonly Field[];
  create(context: ConnectorContext): Source;
  /** Constant rows, which need no source; absent for tables. */
  readonly constant?: () => RowBatch;
}

/** Told which rows of a batch of an input an operator left out because they are late. */
export type Late = (batch: RowBatch, rows: Int32Array, input?: number) => void;

/** What the operator of a node is given of the place for state that memory has no room for; `part`: where it has several. */
export type Spills = (part?: 'left' | 'right') => { readonly spill?: SpillOptions };

/** The sources that a node reads, itself or through others: from one number up to another, exclusive. */
export type Reads = readonly [from: number, to: number];

/** What operators are made with. */
export interface Making extends Omit<PlanContext, 'spill'> {
  spill(node: Plan, reads: Reads): Spills;
  /** Told of what is to be closed in the end. */
  opened(thing: { close(): Promise<void> }): void;
  /** The operator to use in its place. */
  observe(operator: Operator): Operator;
  /** Told of each operator as it is made, always in the same order, and where it emits to. */
  made(node: Plan, operator: Operator, emit: Emit, reads: Reads): void;
}

export interface Graph {
  readonly sources: readonly Leaf[];
  /** Fresh operators that send on to `out`; one port for each source. `first`: the number of its first source in the plan. */
  connect(out: Port, making: Making, first: number): readonly Port[];
}

/** Compiles a plan as a graph; `after` are the stateless steps above it. */
export type GraphOf = (plan: Plan, after: readonly (() => Transform)[], options: Compilation) => Graph;

/** A source and the steps behind it; event time begins further up. */
export function leaf(source: Leaf, after: readonly (() => Transform)[]): Graph {
  return { sources: [source], connect: (out) => [chain(after, out)] };
}

/** The ports of several graphs, whose sources follow one another. */
export function connectAll(
  graphs: readonly Graph[],
  outs: readonly Port[],
  making: Making,
  first: number,
): readonly Port[] {
  const ports: Port[] = [];
  for (const [i, graph] of graphs.entries()) ports.push(...graph.connect(outs[i]!, making, first + ports.length));
  return ports;
}

/** An operator over the graphs of some plans; late rows are rows of those. */
export function nodeOver(
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

export function chain(create: readonly (() => Transform)[], out: Port): Port {
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

/** The TTL of one state: its own, else that of the job; undefined: never. */
export function ttlOf(own: number | undefined, { stateTtl }: Compilation): number | undefined {
  const ttl = own ?? stateTtl;
  return ttl === 0 ? undefined : ttl;
}

/** The same as a part of a program. */
export function forgetting(options: Compilation, own?: number): { readonly ttl?: number } {
  const ttl = ttlOf(own, options);
  return ttl === undefined ? {} : { ttl };
}
