/** A function that puts *** in the place of each of the texts, the longer first: one may be part of another. */
export function hideTexts(texts: Iterable<string>): (text: string) => string {
  const sorted = [...texts].filter((text) => text !== '').sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((shown, hidden) => shown.replaceAll(hidden, '***'), text);
}
