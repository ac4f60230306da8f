/**
 * Compiles a JavaScript function body whose free names are the keys of `bindings`: the only `new Function` of the
 * project. No text of a user may be part of `body`; what comes from users is handed in through `bindings`.
 */
export function generate<T>(bindings: Readonly<Record<string, unknown>>, body: string): T {
  const names = Object.keys(bindings);
  return new Function(...names, `'use strict';\n${body}`)(...names.map((name) => bindings[name])) as T;
}
