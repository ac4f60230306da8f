/**
 * Which of a source's splits a worker reads: workers that know the same workers and splits come to the same answer
 * without asking each other. `workers` are all that read the source, `shift` differs between the sources of a pipeline,
 * so that those with a single split do not all fall to one worker.
 */
export function assignSplits(
  splits: Iterable<string>,
  workers: readonly string[],
  me: string,
  shift: number,
): Set<string> {
  const order = [...workers].sort();
  return new Set([...splits].sort(byNumber).filter((_, i) => order[(i + shift) % order.length] === me));
}

/**
 * The same where workers cannot tell each other which splits they know: then nothing but the split's own name decides.
 */
export function isOwnSplit(split: string, index: number, count: number, shift: number): boolean {
  const [, head, digits] = /^(.*?)(\d{0,9})$/s.exec(split)!;
  let hash = 0;
  for (let i = 0; i < head!.length; i++) hash = (Math.imul(hash, 31) + head!.charCodeAt(i)) | 0;
  return (((hash >>> 0) % count) + Number(digits) + shift) % count === index;
}

/** 't-10' comes after 't-9'. */
function byNumber(a: string, b: string): number {
  const [headA, headB] = [a.replace(/\d+$/, ''), b.replace(/\d+$/, '')];
  if (headA !== headB) return headA < headB ? -1 : 1;
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
