import { RunError } from '../connector/errors.ts';
import { SINK, type StateNode, type StateNodes } from './state-store.ts';

/** What stops a job whose query changed so that a saved state is not that of its operators; undefined where all fit. */
export function stateMismatch(saved: StateNodes, now: StateNodes): RunError | undefined {
  const refusal = refusalOf(saved, now);
  if (refusal !== undefined) return refusal;
  const fits = ([id, { fingerprint }]: [string, StateNode]) => saved.get(id)?.fingerprint === fingerprint;
  // Where rows are only added, no key is told.
  const nodes = [...now].filter(([id]) => id !== SINK);
  const size = saved.size - (saved.has(SINK) ? 1 : 0);
  if (size === nodes.length && nodes.every(fits)) return undefined;
  return new RunError('state-mismatch', `the query changed: ${describe(saved, nodes)}`, {
    help: 'to go on with what still fits, the rest empty: --keep-matching-state; to begin again: --fresh; else run the query as it was',
  });
}

/**
 * What stops a job whose changes would make rows wrong that were written before, whatever of its state is kept: another
 * key of the sink, another event time.
 */
export function refusalOf(saved: StateNodes, now: StateNodes): RunError | undefined {
  const [before, after] = [saved.get(SINK), now.get(SINK)];
  if (before !== undefined && after !== undefined && before.fingerprint !== after.fingerprint) {
    return new RunError('state-mismatch', `rows are written to ${after.text} by another key: it was ${before.text}`, {
      help: 'rows under the old key would stay for ever: empty the table and begin again with --fresh, or write to another table',
    });
  }
  const times = [...now.values()].filter(({ eventTime }) => eventTime);
  for (const { fingerprint, sources, text } of times) {
    const was = [...saved.values()].find((node) => node.eventTime && node.sources.join() === sources.join());
    if (was === undefined || was.fingerprint === fingerprint) continue;
    return new RunError(
      'state-mismatch',
      `event time of table '${sources.join()}' changed to ${text}; it was ${was.text}`,
      {
        help: 'windows that were written could be written again with fewer rows: begin again with --fresh, or declare the WATERMARK as it was',
      },
    );
  }
}

function describe(saved: StateNodes, nodes: readonly (readonly [string, StateNode])[]): string {
  for (const [id, { fingerprint, text, sources }] of nodes) {
    const before = saved.get(id);
    if (before?.fingerprint === fingerprint) continue;
    const node = firstLine(text);
    if (before === undefined) return `nothing is remembered for ${node}, which is new`;
    const [was, is] = firstDifference(before.text, text);
    if (was === undefined) {
      if (before.sources.join() === sources.join()) return `the types of columns of ${node} are others`;
      return `${node} reads ${sources.join(', ')} where it read ${before.sources.join(', ')}: a table is read again before it`;
    }
    const from = is === node ? '' : `, which reads from ${is}`;
    return `what is remembered does not fit ${node}${from}; it was ${was}`;
  }
  const ids = new Set(nodes.map(([id]) => id));
  const gone = [...saved].find(([id]) => id !== SINK && !ids.has(id))!;
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

/** The node at the top of a plan's text. */
export function firstLine(text: string): string {
  return withoutBranch(text.split('\n', 1)[0]!);
}

function withoutBranch(line: string): string {
  return line.replace(/^[\s:+-]*/, '');
}
