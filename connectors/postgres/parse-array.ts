/** An array of PostgreSQL: its elements as text, NULLs, and arrays in it. */
export type ArrayText = readonly (string | null | ArrayText)[];

/**
 * The elements of PostgreSQL's text of an array, undefined where it is none: `{1,NULL,"a \"b\""}`, `{{1,2},{3,4}}`, with
 * bounds before it where they do not begin at 1: `[0:1]={1,2}`.
 */
export function parseArray(text: string): ArrayText | undefined {
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  const read = (): ArrayText | undefined => {
    const elements: (string | null | ArrayText)[] = [];
    if (text[at] !== '{') return undefined;
    if (text[++at] === '}') {
      at++;
      return elements;
    }
    for (;;) {
      const element = text[at] === '{' ? read() : text[at] === '"' ? readQuoted() : readBare();
      if (element === undefined) return undefined;
      elements.push(element);
      const end = text[at++];
      if (end === '}') return elements;
      if (end !== ',') return undefined;
    }
  };
  const readQuoted = (): string => {
    let value = '';
    for (at++; at < text.length && text[at] !== '"'; at++) {
      if (text[at] === '\\') at++;
      value += text[at] ?? '';
    }
    at++;
    return value;
  };
  const readBare = (): string | null => {
    const start = at;
    while (at < text.length && text[at] !== ',' && text[at] !== '}') at++;
    const value = text.slice(start, at);
    return value === 'NULL' ? null : value;
  };
  const elements = read();
  return at === text.length ? elements : undefined;
}
