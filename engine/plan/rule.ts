import type { Plan } from './plan.ts';

/** A rewriting of plans that keeps their rows and the types of their columns. */
export interface Rule {
  readonly name: string;
  /** The better plan, or undefined where the rule does not apply to this node. */
  apply(plan: Plan): Plan | undefined;
}
