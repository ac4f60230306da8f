/** A deep copy of a syntax tree without the places of its nodes, so that trees of different texts can be compared. */
export function stripSpans<T>(node: T): T {
  if (Array.isArray(node)) return node.map(stripSpans) as T;
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(([key]) => !/^(span|operatorSpan|optionsSpan|distribution)$/.test(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, stripSpans(value)])) as T;
}
