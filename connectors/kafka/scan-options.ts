/** Where a reader without checkpoint starts, or where a bounded one ends. */
export type ScanMode =
  | { readonly kind: 'earliest-offset' | 'latest-offset' | 'group-offsets' | 'unbounded' }
  | { readonly kind: 'timestamp'; readonly timestamp: number }
  /** Offsets by partition of the only topic. */
  | { readonly kind: 'specific-offsets'; readonly offsets: ReadonlyMap<number, number> };

/** Reads 'partition:0,offset:42;partition:1,offset:300'; undefined where the text is something else. */
export function parseSpecificOffsets(text: string): ReadonlyMap<number, number> | undefined {
  const offsets = new Map<number, number>();
  for (const pair of text.replace(/;\s*$/, '').split(';')) {
    const match = /^\s*partition:(\d+),offset:(\d+)\s*$/.exec(pair);
    if (match === null) return undefined;
    offsets.set(Number(match[1]), Number(match[2]));
  }
  return offsets;
}
