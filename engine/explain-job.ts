import type { AnalyzedStatement } from './analyze/analyze.ts';
import { calcTexts } from './compile/code-text.ts';
import { type CheckedJob, plansOf } from './job.ts';
import { type ExplainNode, explain, explainText } from './plan/explain.ts';
import { optimize, optimizeSink } from './plan/optimize.ts';

/** 'raw': as analyzed; 'optimized': as run; 'code': the functions generated for it. */
export type ExplainStage = 'raw' | 'optimized' | 'code';

/** The plan of each INSERT and SELECT of a job at one stage: as text, and as data. */
export interface ExplainedPlan {
  readonly text: string;
  readonly tree: ExplainNode;
}

export function explainJob(job: CheckedJob, stage: ExplainStage): ExplainedPlan[] {
  return job.statements.flatMap((statement) => explainStatement(statement, stage));
}

export function explainStatement(statement: AnalyzedStatement, stage: ExplainStage): ExplainedPlan[] {
  return plansOf(statement).map((raw) => {
    const plan = stage === 'raw' ? raw : raw.kind === 'sink' ? optimizeSink(raw) : optimize(raw);
    const text = stage === 'code' ? calcTexts(plan).join('\n\n') : explainText(plan);
    return { text, tree: explain(plan) };
  });
}
