import { createHash } from 'node:crypto';
import { typeText } from '../types/data-type.ts';
import { column } from './build.ts';
import { explainText } from './explain.ts';
import type { Expr } from './expr.ts';
import { exprText } from './expr-text.ts';
import { mapInputs, type Plan, type Watermark } from './plan.ts';
import { substitute } from './rules/substitute.ts';

/** What tells whether the state of a plan node is that of another. */
export interface StateIdentity {
  /** Equal for nodes whose operators remember the same in the same form. */
  readonly fingerprint: string;
  /** The node and all below it, for messages. */
  readonly text: string;
  readonly sources: readonly string[];
}

/**
 * The identity of what a node remembers: the node with all below it, the types of its columns and the keys of the sources
 * that it reads. A changed filter below an aggregate changes what was counted, thus the fingerprint.
 */
export function identityOf(plan: Plan, sources: readonly string[]): StateIdentity {
  const text = plan.kind === 'watermark' ? watermarkText(plan) : explainText(withoutHints(plan));
  const types = plan.kind === 'watermark' ? '' : plan.fields.map(({ type }) => typeText(type)).join(', ');
  const fingerprint = createHash('sha256')
    .update(`${text}\n${types}\n${sources.join('\n')}`)
    .digest('hex')
    .slice(0, 16);
  return { fingerprint, text, sources };
}

/** How long something is remembered does not change what it is. */
function withoutHints(plan: Plan): Plan {
  const below = mapInputs(plan, withoutHints);
  if (below.kind === 'join' || below.kind === 'aggregate') {
    const { ttl: _, ...others } = below;
    return others;
  }
  if (below.kind !== 'lookup-join') return below;
  const { retry: _, ...others } = below;
  return others;
}

/** Event time is the same whatever other columns of the table a query reads. */
function watermarkText({ input, rowtime, expression, fields }: Watermark): string {
  const field = fields[rowtime]!;
  let exprs: readonly Expr[] = [column(rowtime, field), expression];
  let below = input;
  for (; below.kind === 'project'; below = below.input) {
    const { expressions } = below;
    exprs = exprs.map((expr) => substitute(expr, expressions));
  }
  const [time, watermark] = exprs.map(exprText);
  const computed = time === field.name ? '' : ` AS ${time}`;
  return `WatermarkAssigner(rowtime=[${field.name}${computed}], watermark=[${watermark}])`;
}
