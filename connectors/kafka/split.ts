/** One topic-partition that a source reads: the unit of positions and checkpoints. */
export class Split {
  /** 'topic-partition', e.g. 'BTC-0'. */
  readonly name: string;
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to hand to the runtime. */
  position: number;
  /** Offset of the next record to fetch; ahead of `position` by what waits to be decoded. */
  fetchOffset: number;
  /** Offset at which reading ends, exclusive; infinite where it does not. */
  readonly stop: number;
  done: boolean;
  /** First offset that cannot be read yet: the high watermark or, read committed, the last stable offset; -1 unknown. */
  endOffset = -1;
  /** When that was learnt, on the clock of `performance.now()`. */
  endSeen = performance.now();
  /** Timestamp of the newest record read, ms; -Infinity before the first. */
  timestamp = Number.NEGATIVE_INFINITY;
  /** Since when its broker gave no answer, ms since 1970; undefined while all is well. */
  troubledSince: number | undefined;
  /** Whether the position comes from a checkpoint. */
  readonly restored: boolean;

  constructor(topic: string, partition: number, position: number, stop: number, restored: boolean) {
    this.name = splitName(topic, partition);
    this.topic = topic;
    this.partition = partition;
    this.position = position;
    this.fetchOffset = position;
    this.stop = stop;
    this.restored = restored;
    this.done = position >= stop;
  }

  learnEnd(offset: number): void {
    this.endOffset = offset;
    this.endSeen = performance.now();
  }

  /** Moves forward, never back; ends the split at its stop. */
  advance(position: number): void {
    if (position > this.position) this.position = position;
    if (this.position >= this.stop) this.finish();
  }

  /** Goes on elsewhere, even before the present position. */
  seek(position: number): void {
    this.position = position;
    this.fetchOffset = position;
    this.done = position >= this.stop;
  }

  finish(): void {
    this.done = true;
    this.position = Math.max(this.position, this.stop);
  }
}

/** The name of a topic-partition as a split. */
export function splitName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
