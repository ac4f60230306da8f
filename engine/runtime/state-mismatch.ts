import { RunError } from '../connector/errors.ts';
import type { StateNodes } from './state-store.ts';

/** What stops a job whose query changed so that a saved state is not that of its operators; undefined where all fit. */
export function stateMismatch(saved: StateNodes, now: StateNodes): RunError | undefined {
  const fits = ([id, { fingerprint }]: [string, { readonly fingerprint: string }]) =>
    saved.get(id)?.fingerprint === fingerprint;
  const entries = [...now];
  if (saved.size === now.size && entries.every(fits)) return undefined;
  return new RunError('state-mismatch', `the query changed: ${describe(saved, now)}`, {
    help: 'to begin again without what was remembered: --fresh; to go on: run the query as it was',
  });
}

function describe(saved: StateNodes, now: StateNodes): string {
  for (const [id, { fingerprint, text }] of now) {
    const before = saved.get(id);
    if (before?.fingerprint === fingerprint) continue;
    const node = firstLine(text);
    if (before === undefined) return `nothing is remembered for ${node}, which is new`;
    const [was, is] = firstDifference(before.text, text);
    if (was === undefined) return `the types of columns of ${node} are others`;
    const from = is === node ? '' : `, which reads from ${is}`;
    return `what is remembered does not fit ${node}${from}; it was ${was}`;
  }
  const gone = [...saved].find(([id]) => !now.has(id))!;
  return `it had ${firstLine(gone[1].text)}, which is gone`;
}

/** The first lines of two plans that are not the same. */
function firstDifference(before: string, now: string): [string | undefined, string] {
  const lines = before.split('\n');
  for (const [i, line] of now.split('\n').entries()) {
    if (line !== lines[i]) return [withoutBranch(lines[i] ?? 'nothing'), withoutBranch(line)];
  }
  const more = lines[now.split('\n').length];
  return [more === undefined ? undefined : withoutBranch(more), 'nothing'];
}

function firstLine(text: string): string {
  return withoutBranch(text.split('\n', 1)[0]!);
}

function withoutBranch(line: string): string {
  return line.replace(/^[\s:+-]*/, '');
}
