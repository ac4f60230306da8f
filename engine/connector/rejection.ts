import { type OptionDeclarations, option } from './options.ts';

/** Why a record or row goes no further, with what the reference says about it. */
const reasons = {
  malformed: 'A record that its format cannot read.',
  'wrong-type': 'A field whose value does not fit the type of its column.',
  'missing-field': 'A field that must be there and is not.',
  'too-large': "A record beyond 'max-record-size', beyond what its format reads, or beyond what its topic takes.",
  constraint: 'A row that a constraint, a trigger, NOT NULL or the choice of topics of the target refuses.',
  'out-of-range': "A value that does not fit its column's type in the target.",
  late: 'A row behind event time, whose window or place in an order is final.',
  encoding: 'A value that the target or its format cannot encode, such as a NUL character.',
} as const;

export type RejectReason = keyof typeof reasons;

const policies = ['fail', 'skip', 'dead-letter'] as const;

/** fail: the job stops; skip: counted and left out; dead-letter: the same, and kept in the dead-letter table. */
export type RejectPolicy = (typeof policies)[number];

/** A record or row that the job goes on without. */
export interface Rejection {
  readonly reason: RejectReason;
  readonly policy: Exclude<RejectPolicy, 'fail'>;
  /** What a user is told: what was found, what was expected. */
  readonly message: string;
  /** Where a source read it; absent for rows that a sink refused. */
  readonly split?: string;
  readonly position?: string;
  /** The bytes as they were read, or the row as JSON; null: NULL, absent: there is none. Not shared with any buffer. */
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  readonly headers?: readonly (readonly [string, Uint8Array | null])[];
}

/** Takes what a source or sink goes on without; its policy was asked before. */
export interface Rejects {
  /**
   * A source's while it polls, a sink's while it takes a batch. Becomes durable with the commit that moves the positions
   * behind it.
   */
  add(rejection: Rejection): void;
  /**
   * A sink's while it commits. Awaited before anything of that commit is durable; rejects where too many were refused.
   */
  refuse(rejections: readonly Rejection[]): Promise<void>;
}

const whole =
  "What becomes of what cannot be read or written: 'fail' stops the job, 'skip' counts it and goes on, \
'dead-letter' also keeps it in the table of 'cryptopipe.dead-letter.table'.";

/** Options that a connector offers for the reasons that it tells apart. */
export function rejectOptions<const R extends RejectReason>(...told: readonly R[]) {
  const each = Object.fromEntries(
    told.map((reason) => [`on-error.${reason}`, option.oneOf(policies, `As 'on-error'. ${reasons[reason]}`, OURS)]),
  );
  return { 'on-error': option.oneOf(policies, whole, { default: 'fail', ours: true }), ...each } as {
    readonly 'on-error': ReturnType<typeof option.oneOf<typeof policies, { default: 'fail'; ours: true }>>;
  } & { readonly [K in `on-error.${R}`]: ReturnType<typeof option.oneOf<typeof policies, typeof OURS>> };
}

const OURS = { ours: true } as const;

/** What a table's options want done for a reason. */
export function rejectPolicy(options: Readonly<Record<string, unknown>>): (reason: RejectReason) => RejectPolicy {
  return (reason) => (options[`on-error.${reason}`] ?? options['on-error'] ?? 'fail') as RejectPolicy;
}

/** Whether any option of `declared` asks for dead letters. */
export function wantsDeadLetters(declared: OptionDeclarations, options: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(declared).some((key) => isRejectOption(key) && options[key] === 'dead-letter');
}

/** Whether a key is one of `rejectOptions`. */
export function isRejectOption(key: string): boolean {
  return key === 'on-error' || key.startsWith('on-error.');
}
