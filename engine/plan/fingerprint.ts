import { createHash } from 'node:crypto';
import { typeText } from '../types/data-type.ts';
import { explainText } from './explain.ts';
import type { Plan } from './plan.ts';

/**
 * A text that is equal for plan nodes whose operators remember the same in the same form: the node with all below it,
 * and the types of its columns. A changed filter below an aggregate changes what was counted, thus the fingerprint.
 */
export function fingerprintOf(plan: Plan): string {
  const types = plan.fields.map(({ type }) => typeText(type)).join(', ');
  return createHash('sha256')
    .update(`${explainText(plan)}\n${types}`)
    .digest('hex')
    .slice(0, 16);
}
