import { contextFor } from '../connector/context.ts';
import { DropLate } from '../operators/drop-late.ts';
import { IntervalJoin } from '../operators/interval-join.ts';
import { KeySemiJoin } from '../operators/key-semi-join.ts';
import { LookupJoin } from '../operators/lookup-join.ts';
import { connect, type Operator } from '../operators/operator.ts';
import { RegularJoin } from '../operators/regular-join.ts';
import { SemiJoin } from '../operators/semi-join.ts';
import type { SpillOptions } from '../operators/spill.ts';
import { TemporalJoin } from '../operators/temporal-join.ts';
import { notInKeys } from '../plan/join-condition.ts';
import { asksOnly, type Join, type LookupJoin as LookupPlan } from '../plan/plan.ts';
import { mayBeLate, timeBoundsOf, windowBoundsOf } from '../plan/time-bounds.ts';
import { compileCalc } from './calc.ts';
import { evaluationFailure } from './failure.ts';
import {
  type Compilation,
  chain,
  forgetting,
  type Graph,
  type GraphOf,
  type Late,
  nodeOver,
  type Spills,
  type Transform,
  ttlOf,
} from './graph.ts';
import { compileJoin, type FailureOf } from './join.ts';
import { compileLookup } from './lookup.ts';
import { calc } from './steps.ts';

export function joinGraph(
  plan: Join,
  after: readonly (() => Transform)[],
  options: Compilation,
  graphOf: GraphOf,
): Graph {
  const outer = [plan.type === 'left' || plan.type === 'full', plan.type === 'right' || plan.type === 'full'] as const;
  const failureOf: FailureOf = (all, fields) => (error, batch, row) => {
    throw evaluationFailure(error, all, fields, batch, row, options.source);
  };
  const { inputs, feeds, condition } = compileJoin(plan, outer, failureOf);
  const steps = [plan.left, plan.right].map(({ fields }, i) => {
    const expressions = feeds[i];
    return expressions === undefined ? [] : [calc({ expressions }, fields, options)];
  });
  const bounds = timeBoundsOf(plan);
  const own = [ttlOf(plan.ttl?.left, options), ttlOf(plan.ttl?.right, options)] as const;
  const ttls = own.some((each) => each !== undefined) ? { ttl: own } : {};
  const ttl = forgetting(options);
  const notIn = notInKeys(plan) !== undefined;
  const create = (_: Late, spill: Spills): Operator => {
    const test = condition?.();
    if (!asksOnly(plan.type)) {
      const { asOf } = plan;
      if (asOf !== undefined) {
        const times = [asOf.left, asOf.right] as const;
        const ascending = asOf.ascending === true;
        const tested = test === undefined ? {} : { condition: test };
        return new TemporalJoin({ inputs, times, ascending, outer: outer[0], ...tested });
      }
      const program = { inputs, outer, ...(test === undefined ? {} : { condition: test }) };
      if (bounds === undefined) return new RegularJoin({ ...program, ...ttls, ...spillsOfInputs(spill) });
      return new IntervalJoin({
        ...program,
        times: bounds.columns,
        keep: bounds.keep,
        processing: bounds.attribute === 'processing',
        delay: bounds.kind === 'window' ? 0n : delayOf(bounds.keep),
      });
    }
    const answer = plan.type;
    if (test !== undefined) return new SemiJoin({ inputs, answer, condition: test, ...ttls, ...spillsOfInputs(spill) });
    return new KeySemiJoin({ inputs, answer, nullMeets: notIn, ...ttl, ...spill() });
  };
  return nodeOver(plan, [plan.left, plan.right], onTime(plan, steps, options, graphOf), create, after);
}

/** The inputs of a join without the rows of windows that are closed, and the stateless steps behind them. */
function onTime(
  join: Join,
  steps: readonly (readonly (() => Transform)[])[],
  options: Compilation,
  graphOf: GraphOf,
): readonly Graph[] {
  const bounds = windowBoundsOf(join);
  return [join.left, join.right].map((input, i) => {
    if (bounds?.attribute !== 'event' || !mayBeLate(input)) return graphOf(input, steps[i]!, options);
    const program = { time: bounds.columns[i]!, keep: bounds.keep[i]! };
    const create = (late: Late) => new DropLate({ ...program, late });
    return nodeOver(input, [input], [graphOf(input, [], options)], create, steps[i]!);
  });
}

export function lookupGraph(
  plan: LookupPlan,
  after: readonly (() => Transform)[],
  options: Compilation,
  graphOf: GraphOf,
): Graph {
  const failureOf: FailureOf = (all, fields) => (error, batch, row) => {
    throw evaluationFailure(error, all, fields, batch, row, options.source);
  };
  const compiled = compileLookup(plan, failureOf);
  const { feed, fields, expressions, scan } = compiled;
  const before = feed === undefined ? [] : [calc({ expressions: feed }, plan.input.fields, options)];
  const graph = graphOf(plan.input, before, options);
  return {
    sources: graph.sources,
    connect: (out, making, first) => {
      const { connector, columns, table } = scan;
      const context = making.connector?.(table.name);
      if (context === undefined) throw new Error(`nobody gives a context to look up '${table.name}'`);
      const lookup = connector.createLookup(compiled.asked, columns, contextFor(connector.name, context));
      const shape = compileCalc({ expressions }, failureOf(expressions, fields));
      const operator = new LookupJoin({ ...compiled.program(), table: shape }, lookup);
      const next = chain(after, out);
      const ports = connect(operator, 1, next);
      making.opened(lookup);
      return graph.connect(ports[0]!, making, first);
    },
  };
}

/** A row is told at the latest when it is done with. */
function delayOf(keep: readonly [bigint, bigint]): bigint {
  const most = keep[0] > keep[1] ? keep[0] : keep[1];
  return most > 0n ? most + 1000n : 1000n;
}

/** As of `Spills`, for both inputs of a join. */
function spillsOfInputs(spill: Spills): { readonly spill?: readonly [SpillOptions, SpillOptions] } {
  const [{ spill: left }, { spill: right }] = [spill('left'), spill('right')];
  return left === undefined || right === undefined ? {} : { spill: [left, right] };
}
