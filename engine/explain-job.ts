import type { AnalyzedStatement } from './analyze/analyze.ts';
import type { SettingValues } from './analyze/settings.ts';
import { calcTexts } from './compile/code-text.ts';
import { type CheckedJob, insertsOf, plansOf } from './job.ts';
import type { Delivery } from './plan/delivery.ts';
import { type ExplainNode, treeText } from './plan/explain.ts';
import { explainDetail, type PushedDown } from './plan/explain-detail.ts';
import { optimize, optimizeSink } from './plan/optimize.ts';
import type { Plan, SinkPlan } from './plan/plan.ts';
import type { NodeState } from './plan/state.ts';

/** 'raw': as analyzed; 'optimized': as run; 'code': the functions generated for it. */
export type ExplainStage = 'raw' | 'optimized' | 'code';

/** The plan of an INSERT or SELECT of a job at one stage: as text, and as data. */
export interface ExplainedPlan {
  readonly text: string;
  readonly tree: ExplainNode;
  readonly pushedDown: readonly PushedDown[];
  /** What operators remember, from the top. */
  readonly state: readonly NodeState[];
  /** Absent for a SELECT. */
  readonly delivery?: Delivery;
  /** The generated functions, from the sink to the sources, at stage 'code'. */
  readonly code?: readonly string[];
}

export function explainJob(job: CheckedJob, stage: ExplainStage): ExplainedPlan[] {
  return job.statements.flatMap((statement) => explainStatement(statement, stage, job.settings));
}

/** The optimized plan of each pipeline of a job, in their order. Its scans, from left to right, are the pipeline's sources. */
export function explainPipelines(job: CheckedJob): ExplainedPlan[] {
  return job.statements.flatMap(insertsOf).map((plan) => explainPlan(plan, 'optimized', job.settings));
}

/** `settings`: what says when state is forgotten, and whether it leaves memory. */
export function explainStatement(
  statement: AnalyzedStatement,
  stage: ExplainStage,
  settings: SettingValues,
): ExplainedPlan[] {
  return plansOf(statement).map((plan) => explainPlan(plan, stage, settings));
}

function explainPlan(raw: Plan | SinkPlan, stage: ExplainStage, settings: SettingValues): ExplainedPlan {
  const plan = stage === 'raw' ? raw : raw.kind === 'sink' ? optimizeSink(raw) : optimize(raw);
  const { tree, delivery, pushedDown, state } = explainDetail(plan);
  const base = { tree, pushedDown, state, ...(delivery === undefined ? {} : { delivery }) };
  if (stage === 'code') {
    const code = calcTexts(plan);
    return { ...base, code, text: [treeText(tree), ...code].join('\n\n') };
  }
  // As written nothing has been pushed anywhere.
  const notes = [
    ...(stage === 'raw' ? [] : [...pushedText(pushedDown), ...stateText(state, settings)]),
    ...(delivery ? deliveryText(delivery) : []),
  ];
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

function stateText(state: readonly NodeState[], settings: SettingValues): string[] {
  if (state.length === 0) return [];
  const spills = settings['cryptopipe.state.memory'] !== undefined;
  const ttlText = (own: number | undefined) => {
    const ttl = own ?? settings['table.exec.state.ttl'];
    return ttl > 0 ? `until it was not written for ${durationText(ttl)}` : 'for ever';
  };
  const boundOf = ({ bound, until, ttl = [undefined] }: NodeState) => {
    if (bound === 'time') return until!;
    if (bound === 'forever') return 'for ever';
    const [first, second = first] = ttl.map(ttlText);
    return first === second ? first! : `the left ${first}, the right ${second}`;
  };
  return [
    '',
    'State:',
    ...state.map((each) => {
      const place = !each.spills ? 'in memory' : spills ? 'in memory and on disk' : 'in memory, may move to disk';
      return `  ${each.node}: ${each.keeps}, ${boundOf(each)}; ${place}`;
    }),
  ];
}

/** The largest unit that gives a whole number: '1 d', '90 min'. */
function durationText(milliseconds: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const [name, size] = units.find(([, each]) => milliseconds % each === 0) ?? ['ms', 1];
  return `${milliseconds / size} ${name}`;
}

function deliveryText({ guarantee, reasons }: Delivery): string[] {
  return ['', `Delivery: ${guarantee.replaceAll('-', ' ')}`, ...reasons.map((reason) => `  ${reason}`)];
}
