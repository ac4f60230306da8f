import type { Diagnostic, Fix } from './diagnostics/diagnostic.ts';
import { check, type JobEnvironment, type JobText } from './job.ts';

/** A file after its machine-applicable fixes, and what is left to be done by hand. */
export interface FixedJob {
  readonly text: string;
  readonly applied: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** A fix shows the next mistake behind it; more rounds than these mean that fixes undo each other. */
const MAX_ROUNDS = 20;

/** Applies the fixes of a job file until none is left. */
export function fixJob({ file, text }: JobText, environment: JobEnvironment): FixedJob {
  let current: FixedJob = { text, applied: 0, diagnostics: check({ file, text }, environment).diagnostics };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const fixes = apart(current.diagnostics.flatMap(({ fix }) => fix ?? []));
    if (fixes.length === 0) return current;
    const next = applyFixes(current.text, fixes);
    const { diagnostics } = check({ file, text: next }, environment);
    if (next === current.text) return current;
    current = { text: next, applied: current.applied + fixes.length, diagnostics };
  }
  return current;
}

/** The text with edits that do not overlap. */
export function applyFixes(text: string, fixes: readonly Fix[]): string {
  let result = '';
  let at = 0;
  for (const { span, text: by } of fixes.toSorted((a, b) => a.span.start - b.span.start)) {
    result += text.slice(at, span.start) + by;
    at = span.end;
  }
  return result + text.slice(at);
}

/** The fixes from the left that do not touch one another: the others are made in the next round. */
function apart(fixes: readonly Fix[]): Fix[] {
  const chosen: Fix[] = [];
  let end = -1;
  for (const fix of fixes.toSorted((a, b) => a.span.start - b.span.start)) {
    if (fix.span.start <= end) continue;
    chosen.push(fix);
    end = fix.span.end;
  }
  return chosen;
}
