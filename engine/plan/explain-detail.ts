import { changelogsOf, sinkNeedsBefore, updatesOf } from './changelog.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { type ExplainNode, explain } from './explain.ts';
import type { Expr } from './expr.ts';
import { exprText } from './expr-text.ts';
import { type Changelog, inputsOf, type Plan, type Scan, type SinkPlan } from './plan.ts';
import { type NodeState, statesOf } from './state.ts';

/** What a source is asked for instead of whole tables. */
export interface PushedDown {
  readonly table: string;
  /** Columns that the source makes, of all that the table has. */
  readonly columns: readonly string[];
  readonly of: number;
  /** Conditions that rows meet right behind the source, before anything else is computed. */
  readonly filters: readonly string[];
  /** Present where the source itself leaves rows out by some of them. */
  readonly filtered?: true;
}

/** A plan with all that is known about it before it runs. */
export interface ExplainDetail {
  /** Each operator with its `changelogMode`, each source with what it is asked for, as Flink writes them. */
  readonly tree: ExplainNode;
  /** Of a query without a sink there is none. */
  readonly delivery: Delivery | undefined;
  readonly pushedDown: readonly PushedDown[];
  /** What operators remember, from the top. */
  readonly state: readonly NodeState[];
}

/**
 * Explains a plan with the changelogs of its operators, what they remember, what its sources need not give, and what its
 * sink delivers.
 */
export function explainDetail(plan: Plan | SinkPlan): ExplainDetail {
  const query = plan.kind === 'sink' ? plan.input : plan;
  const changelogs = changelogsOf(query, plan.kind !== 'sink' || sinkNeedsBefore(plan));
  const tree = explain(plan);
  return {
    tree:
      plan.kind === 'sink'
        ? {
            ...tree,
            // As Flink has it: nothing comes out of a sink.
            attributes: { ...tree.attributes, changelogMode: ['NONE'] },
            inputs: tree.inputs.map((input) => detailed(query, input, changelogs)),
          }
        : detailed(query, tree, changelogs),
    delivery: plan.kind === 'sink' ? deliveryOf(plan) : undefined,
    pushedDown: pushedDown(query, []),
    state: statesOf(query),
  };
}

function detailed(plan: Plan, node: ExplainNode, changelogs: ReadonlyMap<Plan, Changelog>): ExplainNode {
  // A filter and the projection above it are one operator.
  const inputs = inputsOf(plan.kind === 'project' && plan.input.kind === 'filter' ? plan.input : plan);
  const table = plan.kind === 'scan' ? { table: tableText(plan) } : {};
  const upserts = plan.kind === 'scan' && plan.connector.gives === 'upsert';
  const changelogMode = upserts ? ['UA', 'D'] : modeOf(plan, changelogs.get(plan) ?? 'append');
  return {
    ...node,
    attributes: { ...node.attributes, ...table, changelogMode },
    inputs: node.inputs.map((input, i) => detailed(inputs[i]!, input, changelogs)),
  };
}

function modeOf(plan: Plan, changelog: Changelog): string[] {
  if (changelog === 'append') return ['I'];
  return ['I', ...(changelog === 'retract' ? ['UB'] : []), 'UA', ...(deletes(plan) ? ['D'] : [])];
}

/** Whether rows of a plan that changes its rows may go again. */
function deletes(plan: Plan): boolean {
  switch (plan.kind) {
    case 'aggregate':
      // A group goes with its last row.
      return plan.keys.length > 0 && updatesOf(plan.input) !== undefined;
    case 'project':
    case 'unnest':
    case 'watermark':
    case 'window':
      return deletes(plan.input);
    case 'union':
      return plan.inputs.some(deletes);
    default:
      return updatesOf(plan) !== undefined;
  }
}

/** `[catalog, database, table, project=[…], metadata=[…]]`: what is not said is the whole table. */
function tableText({ path, table, columns }: Scan): string {
  const names = (kind: 'physical' | 'metadata') =>
    columns.flatMap((i) => {
      const column = table.columns[i]!;
      return column.kind === kind ? [column.kind === 'metadata' ? column.key : column.name] : [];
    });
  const physical = table.columns.filter(({ kind }) => kind === 'physical').length;
  const read = names('physical');
  const metadata = table.columns.some(({ kind }) => kind === 'metadata')
    ? [`metadata=[${names('metadata').join(', ')}]`]
    : [];
  return `[${[...path, ...(read.length < physical ? [`project=[${read.join(', ')}]`] : []), ...metadata].join(', ')}]`;
}

function pushedDown(plan: Plan, filters: readonly Expr[]): PushedDown[] {
  switch (plan.kind) {
    case 'scan':
      return [
        {
          table: plan.table.name,
          columns: plan.columns.map((i) => plan.table.columns[i]!.name),
          of: plan.table.columns.length,
          filters: filters.map(exprText),
          ...(plan.filters === undefined ? {} : { filtered: true }),
        },
      ];
    case 'filter': {
      const { condition, input } = plan;
      return pushedDown(input, condition.kind === 'and' ? condition.operands : [condition]);
    }
    // It looks at rows and leaves them as they are.
    case 'watermark':
      return pushedDown(plan.input, filters);
    default:
      return inputsOf(plan).flatMap((input) => pushedDown(input, []));
  }
}
