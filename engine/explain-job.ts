import type { AnalyzedStatement } from './analyze/analyze.ts';
import { calcTexts } from './compile/code-text.ts';
import { type CheckedJob, insertsOf, plansOf } from './job.ts';
import type { Delivery } from './plan/delivery.ts';
import { type ExplainNode, treeText } from './plan/explain.ts';
import { explainDetail, type PushedDown } from './plan/explain-detail.ts';
import { optimize, optimizeSink } from './plan/optimize.ts';
import type { Plan, SinkPlan } from './plan/plan.ts';

/** 'raw': as analyzed; 'optimized': as run; 'code': the functions generated for it. */
export type ExplainStage = 'raw' | 'optimized' | 'code';

/** The plan of an INSERT or SELECT of a job at one stage: as text, and as data. */
export interface ExplainedPlan {
  readonly text: string;
  readonly tree: ExplainNode;
  readonly pushedDown: readonly PushedDown[];
  /** Absent for a SELECT. */
  readonly delivery?: Delivery;
  /** The generated functions, from the sink to the sources, at stage 'code'. */
  readonly code?: readonly string[];
}

export function explainJob(job: CheckedJob, stage: ExplainStage): ExplainedPlan[] {
  return job.statements.flatMap((statement) => explainStatement(statement, stage));
}

/** The optimized plan of each pipeline of a job, in their order. Its scans, from left to right, are the pipeline's sources. */
export function explainPipelines(job: CheckedJob): ExplainedPlan[] {
  return job.statements.flatMap(insertsOf).map((plan) => explainPlan(plan, 'optimized'));
}

export function explainStatement(statement: AnalyzedStatement, stage: ExplainStage): ExplainedPlan[] {
  return plansOf(statement).map((plan) => explainPlan(plan, stage));
}

function explainPlan(raw: Plan | SinkPlan, stage: ExplainStage): ExplainedPlan {
  const plan = stage === 'raw' ? raw : raw.kind === 'sink' ? optimizeSink(raw) : optimize(raw);
  const { tree, delivery, pushedDown } = explainDetail(plan);
  const base = { tree, pushedDown, ...(delivery === undefined ? {} : { delivery }) };
  if (stage === 'code') {
    const code = calcTexts(plan);
    return { ...base, code, text: [treeText(tree), ...code].join('\n\n') };
  }
  // As written nothing has been pushed anywhere.
  const notes = [...(stage === 'raw' ? [] : pushedText(pushedDown)), ...(delivery ? deliveryText(delivery) : [])];
  return { ...base, text: [treeText(tree), ...notes].join('\n') };
}

function pushedText(pushedDown: readonly PushedDown[]): string[] {
  if (pushedDown.length === 0) return [];
  return [
    '',
    'Pushed down:',
    ...pushedDown.map(({ table, columns, of, filters, filtered }) => {
      const read = columns.length === of ? `all ${of} columns` : `${columns.length} of ${of} columns`;
      const passing =
        filters.length === 0
          ? 'no filter'
          : `rows where ${filters.join(' AND ')}${filtered ? ', asked of the source' : ''}`;
      return `  ${table}: ${read}, ${passing}`;
    }),
  ];
}

function deliveryText({ guarantee, reasons }: Delivery): string[] {
  return ['', `Delivery: ${guarantee.replaceAll('-', ' ')}`, ...reasons.map((reason) => `  ${reason}`)];
}
