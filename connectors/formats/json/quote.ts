const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

function escapeText(c: string): string {
  return short[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must be escaped
const plain = /["\\\u0000-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must be escaped
const special = /["\\\u0000-\u001f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must be escaped
const wireSpecial = /["\\\u0000-\u001f\ud800-\udfff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must be escaped
const wirePlain = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A JSON string inside a text. */
export function quoteJson(text: string): string {
  return plain.test(text) ? `"${text.replace(special, escapeText)}"` : `"${text}"`;
}

/** A JSON string of a written message: characters beyond the basic plane as two escapes, as Flink writes them. */
export function quoteJsonMessage(text: string): string {
  return wirePlain.test(text) ? `"${text.replace(wireSpecial, escapeText)}"` : `"${text}"`;
}
