/** One thing that goes wrong. `process` picks one of those that run, `wait` ms pass before it, `length` ms while it lasts. */
export interface Fault {
  readonly kind: FaultKind;
  readonly wait: number;
  readonly length: number;
  readonly process: number;
}

/**
 * kill: SIGKILL, started again after a while. freeze: SIGSTOP for longer than the workers' timeout, then SIGCONT.
 * leave: SIGTERM, which has to end with 0. join: one more process. broker, postgres: stopped in an orderly way and
 * started. crash: PostgreSQL killed and started. cut: all connections to PostgreSQL. cut-before, cut-after: one
 * connection as a commit is sent, or as it is answered.
 */
const kinds = [
  'kill',
  'kill',
  'freeze',
  'leave',
  'join',
  'cut',
  'cut-before',
  'cut-before',
  'cut-after',
  'cut-after',
  'broker',
  'postgres',
  'crash',
] as const;

export type FaultKind = (typeof kinds)[number];

/**
 * The faults of a seed: the same each time. `timeout` is the workers'. `only`: kinds separated by commas, once each or
 * more; all of them where it is empty.
 */
export function faultPlan(seed: number, count: number, timeout: number, only = ''): Fault[] {
  const wanted = only === '' ? kinds : only.split(',').map(kindOf);
  const random = mulberry32(seed);
  const between = (low: number, high: number) => Math.round(low + random() * (high - low));
  // All kinds come before one comes again.
  let bag: FaultKind[] = [];
  return Array.from({ length: count }, () => {
    if (bag.length === 0) bag = [...wanted];
    const [kind] = bag.splice(between(0, bag.length - 1), 1) as [FaultKind];
    const length = kind === 'freeze' ? between(timeout + 500, timeout + 2500) : between(0, 1500);
    return { kind, wait: between(100, 2500), length, process: between(0, 1000) };
  });
}

function kindOf(text: string): FaultKind {
  const kind = kinds.find((each) => each === text);
  if (kind === undefined) throw new Error(`no fault '${text}': expected ${[...new Set(kinds)].join(', ')}`);
  return kind;
}

/** A small generator of even random numbers in [0, 1), good enough to choose faults. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
