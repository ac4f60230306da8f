import { base, condition, from, type Relation, type Writing } from '../relation.ts';
import { distinct, group, groupingSets } from './aggregate.ts';
import { intervalJoin, joinUsing, regularJoin, semiJoin, temporalJoin } from './join.ts';
import { over } from './over.ts';
import { constants, project, scalarQuery, unnest, withQuery } from './project.ts';
import { deduplicate, deduplicateByArrival, limit, topN } from './rank.ts';
import { setOperation } from './sets.ts';
import { correlatedValue, lateral, quantified } from './subquery.ts';
import { groupWindow, windowAggregate, windowJoin, windowRank, windowRows } from './window.ts';

type Make = (writing: Writing, depth: number) => Relation | undefined;

/** Every kind of query by its name; undefined where the inputs that were drawn do not fit. */
const kinds: Readonly<Record<string, Make>> = {
  group: (w, depth) => group(w, relation(w, depth)),
  'grouping-sets': (w, depth) => groupingSets(w, relation(w, depth)),
  distinct: (w, depth) => distinct(w, relation(w, depth)),
  join: (w, depth) => regularJoin(w, ...two(w, depth)),
  'semi-join': (w, depth) => semiJoin(w, ...two(w, depth)),
  using: (w, depth) => joinUsing(w, ...two(w, depth)),
  with: (w, depth) => withQuery(w, relation(w, Math.min(depth, 1))),
  'interval-join': (w) => intervalJoin(w, events(w), events(w)),
  project: (w, depth) => project(w, relation(w, depth)),
  'scalar-query': (w, depth) => scalarQuery(w, ...two(w, depth)),
  quantified: (w, depth) => quantified(w, ...two(w, depth)),
  'correlated-value': (w, depth) => correlatedValue(w, ...two(w, depth)),
  lateral: (w, depth) => lateral(w, ...two(w, depth)),
  unnest: (w, depth) => unnest(w, relation(w, depth)),
  'self-join': (w, depth) => {
    const both = relation(w, Math.min(depth, 1));
    return regularJoin(w, both, both);
  },
  'temporal-join': (w) => temporalJoin(w, events(w)),
  set: (w, depth) => setOperation(w, relation(w, depth), relation(w, depth)),
  'top-n': (w, depth) => topN(w, relation(w, depth)),
  deduplicate: (w) => deduplicate(w, lateEvents(w)),
  'first-arrived': (w) => deduplicateByArrival(w, events(w)),
  limit: (w, depth) => limit(w, relation(w, depth)),
  over: (w) => over(w, events(w)),
  'window-rows': (w) => windowRows(w, lateEvents(w)),
  'window-aggregate': (w) => windowAggregate(w, lateEvents(w)),
  'group-window': (w) => groupWindow(w, lateEvents(w)),
  'window-join': (w) => windowJoin(w, events(w), events(w)),
  'window-rank': (w) => windowRank(w, lateEvents(w)),
};

export const queryKinds = Object.keys(kinds);

/** Of grouping sets Flink takes the keys for unique, and one set for all of them in EXISTS: nothing is asked of them. */
const nestedKinds = queryKinds.filter((kind) => kind !== 'grouping-sets');

/** A query of a kind, over others to a depth. */
export function query(writing: Writing, kind: string, depth: number): Relation {
  for (;;) {
    writing.views.length = 0;
    const made = kinds[kind]!(writing, depth);
    if (made !== undefined) return made;
  }
}

/** Something to select from: a table, or a query over less depth. */
function relation(writing: Writing, depth: number): Relation {
  const { random } = writing;
  if (random.once(20)) return constants();
  if (depth <= 0 || random.once(4)) return random.once(2) ? events(writing) : tableByKey(writing);
  return kinds[random.pick(nestedKinds)]!(writing, depth - 1) ?? tableByKey(writing);
}

/** Two inputs, one of them less deep: over joins of joins Flink's planner takes for ever. */
function two(writing: Writing, depth: number): readonly [Relation, Relation] {
  const both = [relation(writing, depth), relation(writing, 0)] as const;
  return writing.random.once(2) ? both : [both[1], both[0]];
}

/** Rows that change and go. */
function tableByKey(writing: Writing): Relation {
  return some(writing, base(writing.random.pick(['p1', 'p2'])));
}

/** Rows with a time attribute, none of them late. */
function events(writing: Writing): Relation {
  return some(writing, base(writing.random.pick(['t', 'u'])));
}

/** Rows with a time attribute, some of them late. */
function lateEvents(writing: Writing): Relation {
  return some(writing, base(writing.random.pick(['t', 'l', 'l'])));
}

/** All rows or some of them, all columns or some and others computed. */
function some(writing: Writing, table: Relation): Relation {
  const { random } = writing;
  if (!random.once(3)) return table;
  if (random.once(2))
    return { ...table, sql: `SELECT a.* FROM ${from(table, 'a')} WHERE ${condition(writing, table.columns, 'a')}` };
  return {
    ...table,
    sql: `SELECT a.id, a.k, a.g + 1 AS g, NULLIF(a.v, 2) AS v, a.n, a.d, a.f * 2 AS f, UPPER(a.s) AS s, a.b, a.e, a.m, a.ts FROM ${from(table, 'a')}`,
  };
}
