import { describe, expect, it } from 'vitest';
import { functions } from '../../engine/functions/index.ts';
import { evaluateExpression } from '../../engine/testing/evaluate.ts';

const entries = [...new Set(functions.values())];

describe('the examples of the reference', () => {
  it.each(entries.flatMap((entry) => entry.examples.map(({ sql, value }) => [sql, value] as const)))(
    '%s',
    (sql, value) => {
      expect(evaluateExpression(sql)).toMatchObject({ value });
    },
  );
});

describe('the declarations', () => {
  it('have a doc sentence, a syntax and an example each', () => {
    for (const { name, doc, syntax, examples } of entries) {
      expect(doc, name).toMatch(/^\S.*\.$/);
      expect(syntax, name).not.toHaveLength(0);
      expect(examples, name).not.toHaveLength(0);
    }
  });

  it('have names and aliases in upper case, each once', () => {
    const names = entries.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toBe(name.toUpperCase());
  });
});
