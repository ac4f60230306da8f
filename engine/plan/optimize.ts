import { dropWatermarks } from './event-time.ts';
import { materializeSink } from './materialize.ts';
import type { Plan, SinkPlan } from './plan.ts';
import { mapInputs } from './plan.ts';
import { pushFilters } from './push-filters.ts';
import type { Rule } from './rule.ts';
import { foldConstants } from './rules/fold-constants.ts';
import { mergeFilters } from './rules/merge-filters.ts';
import { mergeProjects } from './rules/merge-projects.ts';
import { mergeUnions } from './rules/merge-unions.ts';
import { pruneColumns } from './rules/prune-columns.ts';
import { pushConditionThroughJoin, pushFilterThroughJoin } from './rules/push-filter-through-join.ts';
import { pushFilterThroughLookup } from './rules/push-filter-through-lookup.ts';
import { pushFilterThroughProject } from './rules/push-filter-through-project.ts';
import { pushFilterThroughUnion } from './rules/push-filter-through-union.ts';
import { pushFilterThroughUnnest } from './rules/push-filter-through-unnest.ts';
import { pushProjectThroughUnion } from './rules/push-project-through-union.ts';
import { removeEmpty } from './rules/remove-empty.ts';
import { removeTrivialFilter } from './rules/remove-trivial-filter.ts';
import { removeTrivialProject } from './rules/remove-trivial-project.ts';

/** Rules over one node and what is below it, tried in this order until none changes anything. */
export const rules: readonly Rule[] = [
  foldConstants,
  removeTrivialFilter,
  removeEmpty,
  mergeUnions,
  mergeFilters,
  mergeProjects,
  pushFilterThroughProject,
  pushFilterThroughUnion,
  pushFilterThroughUnnest,
  pushFilterThroughJoin,
  pushFilterThroughLookup,
  pushConditionThroughJoin,
  pushProjectThroughUnion,
  removeTrivialProject,
];

/** No rule enlarges a plan for ever; this only guards against two that undo each other. */
const MAX_ROUNDS = 100;

/** The same rows with less work: filters next to the sources, one projection per input, only the columns needed. */
export function optimize(plan: Plan): Plan {
  const fields = plan.fields;
  const rewritten = pushFilters(rewrite(pruneColumns(rewrite(dropWatermarks(plan)))));
  return rewritten.fields === fields ? rewritten : { ...rewritten, fields };
}

export function optimizeSink(plan: SinkPlan): SinkPlan {
  return materializeSink({ ...plan, input: optimize(plan.input) });
}

function rewrite(plan: Plan): Plan {
  let current = plan;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = rewriteOnce(current);
    if (next === current) return current;
    current = next;
  }
  return current;
}

function rewriteOnce(plan: Plan): Plan {
  let current = mapInputs(plan, rewriteOnce);
  for (const rule of rules) current = rule.apply(current) ?? current;
  return current;
}
