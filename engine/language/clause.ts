import type { Place, Word } from './place.ts';

/** A bracket that is open at a place, or the statement itself, and the clause that the place is in. */
export interface Frame {
  readonly kind: 'statement' | 'columns' | 'options' | 'names' | 'query' | 'call' | 'type' | 'group';
  /** Index of the first token inside, among all tokens of the statement. */
  readonly first: number;
  /** The last word that opens a clause here: 'SELECT', 'FROM', 'WHERE', …; '' before the first. */
  clause: string;
  /** The word before the bracket, in upper case. */
  readonly opener: string;
}

const clauses: ReadonlySet<string> = new Set(
  'SELECT FROM WHERE GROUP HAVING ORDER ON USING VALUES LIMIT OFFSET QUALIFY WINDOW INTO UNION INTERSECT EXCEPT WITH SET'.split(
    ' ',
  ),
);

/** The brackets that are open at a place, from the statement inwards. */
export function framesAt({ before, after }: Place): readonly Frame[] {
  const frames: Frame[] = [{ kind: 'statement', first: 0, clause: '', opener: '' }];
  const all = [...before, ...after];
  before.forEach(({ token }, i) => {
    const top = frames.at(-1)!;
    if (token.key === '(' || token.key === '<') {
      const kind = kindOf(all, i, frames);
      if (kind !== undefined) frames.push({ kind, first: i + 1, clause: '', opener: all[i - 1]?.token.key ?? '' });
    } else if (token.key === ')' || (token.key === '>' && top.kind === 'type')) {
      if (frames.length > 1) frames.pop();
    } else if (token.key === 'JOIN') top.clause = 'FROM';
    else if (clauses.has(token.key) && !isColumnName(all, i)) top.clause = token.key;
  });
  return frames;
}

/** `x.from` is a column. */
function isColumnName(all: readonly Word[], i: number): boolean {
  return all[i - 1]?.token.key === '.';
}

function kindOf(all: readonly Word[], i: number, frames: readonly Frame[]): Frame['kind'] | undefined {
  const previous = all[i - 1]?.token;
  const next = all[i + 1]?.token.key;
  const top = frames.at(-1)!;
  if (all[i]!.token.key === '<') {
    return previous !== undefined && /^(ARRAY|MAP|ROW|MULTISET)$/.test(previous.key) ? 'type' : undefined;
  }
  if (next === 'SELECT' || next === 'WITH' || next === 'VALUES') return 'query';
  switch (previous?.key) {
    case 'WITH':
    case 'OPTIONS':
      return 'options';
    case 'AS':
    case 'FROM':
    case 'JOIN':
      return 'query';
    case 'KEY':
    case 'DESCRIPTOR':
    case 'USING':
      return 'names';
    case 'BY':
      if (all[i - 2]?.token.key === 'PARTITIONED' || all[i - 2]?.token.key === 'DISTRIBUTED') return 'names';
      break;
    case 'DECIMAL':
    case 'NUMERIC':
    case 'VARCHAR':
    case 'CHAR':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (top.kind === 'columns') return 'type';
      break;
  }
  const first = all[0]?.token.key;
  if (top.kind === 'statement' && first === 'CREATE' && top.clause === '') {
    return all.slice(0, i).some((word) => word.token.key === 'TABLE') ? 'columns' : 'names';
  }
  if (top.kind === 'statement' && top.clause === 'INTO') return 'names';
  const called = previous?.kind === 'word' || previous?.kind === 'quoted';
  if (called && !clauses.has(previous.key) && !/^(AND|OR|NOT|IN|THEN|WHEN|ELSE|BETWEEN|LIKE)$/.test(previous.key))
    return 'call';
  return 'group';
}

/** The innermost query around a place: a bracket with a query, or the statement; its clause decides what may follow. */
export function queryFrame(frames: readonly Frame[]): Frame {
  return frames.findLast((frame) => frame.kind === 'query' || frame.kind === 'statement')!;
}
