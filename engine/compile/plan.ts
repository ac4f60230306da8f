import { Journal } from '../operators/journal.ts';
import type { Emit, NamedState, PlanContext, RunningPlan } from '../operators/operator.ts';
import type { SpillPlace } from '../operators/spill.ts';
import { changelogsOf } from '../plan/changelog.ts';
import { identityOf } from '../plan/fingerprint.ts';
import { asksOnly, type Plan } from '../plan/plan.ts';
import { countSpilling, stateOf } from '../plan/state.ts';
import type { Field } from '../types/data-type.ts';
import type { CompileOptions, Leaf, Making } from './graph.ts';
import { graphOf } from './graph-of.ts';
import { Names } from './names.ts';

/** What a compiled plan reads. */
export interface CompiledSource extends Leaf {
  /** The table's name, 'values' for constant rows, with '#2' … where the plan reads it again. */
  readonly key: string;
}

export interface CompiledPlan {
  readonly fields: readonly Field[];
  readonly sources: readonly CompiledSource[];
  /** Fresh operators that send on to `emit`; one port for each source, in order. Empty batches are not sent on. */
  instantiate(emit: Emit, context?: PlanContext): RunningPlan;
}

/**
 * A plan as operators. Between two operators that keep state, and in a plan without any, rows pass a chain of functions
 * from batch to batch: one call each, whatever the plan.
 */
export function compilePlan(plan: Plan, options: CompileOptions = {}): CompiledPlan {
  const changelogs = changelogsOf(plan, options.before ?? true);
  const graph = graphOf(plan, [], { ...options, changelogs, minded: false, eager: false });
  const names = new Names();
  const sources = graph.sources.map((leaf) => ({ ...leaf, key: names.next(leaf.table || 'values') }));
  const keys = sources.map(({ key }) => key);
  return {
    fields: plan.fields,
    sources,
    instantiate: (emit, context = {}) => {
      const states: NamedState[] = [];
      const ticks: Tick[] = [];
      const opened: { close(): Promise<void> }[] = [];
      const journal = new Journal();
      const { late } = context;
      const ports = graph.connect(
        { push: (batch) => (journal.replaying ? undefined : emit(batch)), advance: () => undefined },
        {
          ...(late && { late: (rows) => (journal.replaying ? undefined : late(rows)) }),
          ...(context.connector && { connector: context.connector }),
          spill: spillsOf(context.spill, countSpilling(plan), keys),
          opened: (thing) => void opened.push(thing),
          observe: (operator) => journal.observe(operator),
          made: (node, operator, emitted, reads) => {
            const { state } = operator;
            if (state !== undefined) {
              const entries = journal.numberOf(operator);
              states.push({
                id: `${states.length} ${node.kind}`,
                ...identityOf(node, keys.slice(...reads)),
                updates: changelogs.get(node) !== 'append',
                counts: countsRows(node),
                ...(node.kind === 'watermark' ? { eventTime: true } : {}),
                ...(entries === undefined ? {} : { entries }),
                state,
              });
            }
            if (operator.tick !== undefined) ticks.push((now) => operator.tick!(now, emitted));
          },
        },
        0,
      );
      return {
        ports,
        states,
        journal,
        ...(ticks.length === 0 ? {} : { tick: inTurn(ticks) }),
        ...(opened.length === 0 ? {} : { close: () => closeAll(opened) }),
      };
    },
  };
}

function countsRows(node: Plan): boolean {
  if (node.kind === 'over') return node.attribute === undefined;
  return node.kind === 'aggregate' || (node.kind === 'join' && asksOnly(node.type));
}

async function closeAll(things: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const thing of things) await thing.close();
}

type Tick = NonNullable<RunningPlan['tick']>;

/**
 * A store for each operator that may move state, and its share of the memory. Its name says what it is for, so that the same node
 * finds it again when others come or go.
 */
function spillsOf(place: SpillPlace | undefined, operators: number, keys: readonly string[]): Making['spill'] {
  return (node, reads) => (part) => {
    if (place === undefined || !stateOf(node)?.spills) return {};
    const memory = place.memory === undefined ? undefined : place.memory / operators;
    const name = `${node.kind} ${identityOf(node, keys.slice(...reads)).fingerprint}`;
    return { spill: { memory, store: place.open(part === undefined ? name : `${name} ${part}`) } };
  };
}

function inTurn(ticks: readonly Tick[]): Tick {
  return async (now) => {
    for (const tick of ticks) await tick(now);
  };
}
