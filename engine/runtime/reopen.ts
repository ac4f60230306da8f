import { MAX_WATERMARK, type NamedState } from '../operators/operator.ts';

/** Whether an image is of an operator that was told that no rows come any more. */
export function isAtEnd(image: unknown): boolean {
  return withoutEnd(image) !== undefined;
}

/**
 * Lets rows come again: the end of bounded inputs was the end of a run, not of event time. Inputs that are still at their
 * end say so again, those that have more go on from the event time of their rows.
 */
export function reopen({ state }: NamedState): void {
  const open = withoutEnd(state.snapshot());
  if (open !== undefined) state.restore(open.image);
}

/** The image with no event time where that is at its end: its own, in `watermark`, or that of a member; else undefined. */
function withoutEnd(image: unknown): { readonly image: unknown } | undefined {
  if (image === MAX_WATERMARK) return { image: undefined };
  if (!isRecord(image)) return undefined;
  if (image.watermark === MAX_WATERMARK) return { image: { ...image, watermark: undefined } };
  const found = Object.entries(image).find(([, member]) => isRecord(member) && member.watermark === MAX_WATERMARK);
  if (found === undefined) return undefined;
  const [name, member] = found;
  return { image: { ...image, [name]: { ...(member as object), watermark: undefined } } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
