import type { ConnectorContext } from '../connector/context.ts';
import type { RowBatch } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import type { Journal } from './journal.ts';
import type { SpillPlace } from './spill.ts';

/** Hands a batch on; a promise holds the sender back. */
export type Emit = (batch: RowBatch) => void | Promise<void>;

/** Event time after which nothing comes: what a bounded input says at its end. */
export const MAX_WATERMARK = (1n << 63n) - 1n;

/**
 * What a plan node that keeps state or minds event time becomes; one instance an attempt.
 *
 * `push` and `advance` change the state without awaiting anything and then emit, at best once and as the last thing
 * they do, answering with the promise of `emit`: other inputs may push while it is pending, and must find the state
 * whole. The state depends on these calls alone, in their order, and not on a clock of its own: checkpoints repeat them
 * (`Journal`). Empty batches are neither pushed nor emitted.
 */
export interface Operator {
  /** Takes rows of one input (0, 1, … in the order of the plan's inputs). Batches belong to nobody: never written to. */
  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void>;
  /**
   * No row with an event time up to `watermark` (in the unit of its TIMESTAMP: microseconds) is to come from any input;
   * grows from call to call. Who does not mind event time leaves it out. It is passed on by whoever calls, afterwards.
   */
  advance?(watermark: bigint, emit: Emit): void | Promise<void>;
  /** How far rows that are emitted may be behind event time: so much behind it is passed on; 0 where absent. */
  readonly delay?: bigint;
  /** The clock, several times a second: `now` is in milliseconds since 1970. For who acts on it without rows. */
  tick?(now: number, emit: Emit): void | Promise<void>;
  /** Present where the operator remembers anything between batches. */
  readonly state?: OperatorState;
}

/**
 * What an operator remembers, for checkpoints. An image is plain data that `structuredClone` could copy (typed arrays,
 * bigints, arrays, Maps) and shares nothing with the state; taken between two batches, thus consistent with the
 * positions of the sources.
 */
export interface OperatorState {
  /** So little that each commit saves an image: its calls are not noted for replay. */
  readonly whole?: true;
  snapshot(): unknown;
  /** Takes an image of an operator with the same fingerprint; called before the first batch. */
  restore(image: unknown): void;
  /**
   * Called once all is restored: rows may come again, for the end of bounded inputs was the end of a run, not of event
   * time. Inputs that are still at their end say so again, those that have more go on from the event time of their rows.
   * Absent where no event time is remembered.
   */
  reopen?(): void;
}

/** Event time as it is remembered from a run that may have come to its end. */
export function reopened(watermark: bigint | undefined): bigint | undefined {
  return watermark === MAX_WATERMARK ? undefined : watermark;
}

/** Rows that came behind event time, in columns of `fields`. */
export interface LateRows {
  readonly fields: readonly Field[];
  readonly batch: RowBatch;
  /** The late ones among the rows of `batch`. */
  readonly rows: Int32Array;
}

/** What a running plan is given. */
export interface PlanContext {
  /** What a table is created with that a lookup join asks; absent where there is no outside. */
  connector?(id: string): ConnectorContext;
  /** Told of rows that are left out because they are late. */
  late?(late: LateRows): void;
  /** Where state goes that memory has no room for; absent: it stays in memory. */
  readonly spill?: SpillPlace;
}

/** One end of a graph of operators, where rows and event time go in. */
export interface Port {
  push: Emit;
  advance(watermark: bigint): void | Promise<void>;
  /** Nothing comes for a while: event time does not wait for this input until it pushes again. */
  idle?(): void | Promise<void>;
  /** The splits of the source from now on that may give rows: event time waits for each. Absent: nobody minds. */
  splits?(names: readonly string[]): void | Promise<void>;
}

/** A stateful operator among those of a plan, as checkpoints know it. */
export interface NamedState {
  /** Place and kind: '0 aggregate', '1 join'. Those that it reads from stand before it. */
  readonly id: string;
  /** Equal where the state of one can be restored into the other. */
  readonly fingerprint: string;
  /** The node and all below it, for messages. */
  readonly text: string;
  /** The sources that it reads, itself or through others, by their keys. */
  readonly sources: readonly string[];
  /** Whether rows that it gave may change. */
  readonly updates: boolean;
  /** Whether it counts rows: it goes wrong where one is taken back that it was never told. */
  readonly counts: boolean;
  /** It tells event time. */
  readonly eventTime?: true;
  /** Its number in the journal; absent where it is saved whole. */
  readonly entries?: number;
  readonly state: OperatorState;
}

/** A plan while it runs: one port for each source, and all that is remembered. */
export interface RunningPlan {
  readonly ports: readonly Port[];
  readonly states: readonly NamedState[];
  /** What the operators with state are told. */
  readonly journal: Journal;
  /** Ends what operators hold open outside of the process; absent where none does. */
  close?(): Promise<void>;
  /** Tells operators the clock, in milliseconds since 1970; absent where none minds. Not to be called again before it settled. */
  tick?(now: number): void | Promise<void>;
}

/**
 * `count` ports into one: event time is the minimum of theirs, and moves on when that does. Idle inputs do not count
 * until they push or advance again; `idle` is told when all are.
 */
export function mergePorts(
  count: number,
  to: (input: number) => Emit,
  advance: Port['advance'],
  idle: Port['idle'] = () => undefined,
): Port[] {
  if (count === 1) return [{ push: to(0), advance, idle }];
  const watermarks = new Array<bigint | undefined>(count).fill(undefined);
  const resting = new Set<number>();
  let current: bigint | undefined;
  const proceed = (): void | Promise<void> => {
    let least: bigint | undefined;
    for (let i = 0; i < count; i++) {
      if (resting.has(i)) continue;
      const each = watermarks[i];
      if (each === undefined) return undefined;
      if (least === undefined || each < least) least = each;
    }
    if (least === undefined) return idle();
    if (current !== undefined && least <= current) return undefined;
    current = least;
    return advance(least);
  };
  return Array.from(watermarks, (_, i) => {
    const push = to(i);
    return {
      push: (batch) => {
        if (resting.size > 0) resting.delete(i);
        return push(batch);
      },
      advance: (watermark) => {
        resting.delete(i);
        watermarks[i] = watermark;
        return proceed();
      },
      idle: () => {
        resting.add(i);
        return proceed();
      },
    };
  });
}

/** The ports of an operator; what it emits goes to `out`, its event time too, after it has acted on it. */
export function connect(operator: Operator, inputs: number, out: Port): Port[] {
  const emit: Emit = (batch) => (batch.length === 0 ? undefined : out.push(batch));
  const { delay } = operator;
  const pass = (watermark: bigint) =>
    out.advance(delay === undefined || watermark === MAX_WATERMARK ? watermark : watermark - delay);
  return mergePorts(
    inputs,
    (input) => (batch) => operator.push(batch, input, emit),
    (watermark) => {
      const acted = operator.advance?.(watermark, emit);
      return acted === undefined ? pass(watermark) : acted.then(() => pass(watermark));
    },
    out.idle,
  );
}
