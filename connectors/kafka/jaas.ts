/** A login module of Java's sasl.jaas.config. */
export interface JaasModule {
  /** Class name without its package, e.g. 'PlainLoginModule'. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Reads `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`.
 * A sentence about what was expected where the text is something else; it never repeats the text, which is a secret.
 */
export function parseJaas(text: string): JaasModule | { readonly expected: string } {
  const expected = `<login module> required username="…" password="…";`;
  const head = /^\s*([\w.$]+)\s+(required|requisite|sufficient|optional)\b/i.exec(text);
  if (head === null) return { expected };
  const options = new Map<string, string>();
  const option = /\s*([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;"']+))/gy;
  option.lastIndex = head[0].length;
  let end = option.lastIndex;
  for (let match = option.exec(text); match !== null; match = option.exec(text)) {
    const [, name, double, single, bare] = match;
    options.set(name!, (double ?? single)?.replace(/\\(.)/g, '$1') ?? bare!);
    end = option.lastIndex;
  }
  if (!/^\s*;\s*$/.test(text.slice(end))) return { expected };
  return { module: head[1]!.split('.').at(-1)!, options };
}
