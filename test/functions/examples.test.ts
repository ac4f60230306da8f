import { describe, expect, it } from 'vitest';
import { entryOf } from '../../bin/functions.ts';
import { aggregateFunctions } from '../../engine/functions/aggregates/index.ts';
import { functions } from '../../engine/functions/index.ts';
import { evaluateExpression, evaluateQuery, rowTexts } from '../../engine/testing/evaluate.ts';

const scalars = [...new Set(functions.values())];
const aggregates = [...new Set(aggregateFunctions.values())].map(entryOf);
const entries = [...scalars, ...aggregates];

describe('the examples of the reference', () => {
  it.each(scalars.flatMap((entry) => entry.examples.map(({ sql, value }) => [sql, value] as const)))(
    '%s',
    (sql, value) => {
      expect(evaluateExpression(sql)).toMatchObject({ value });
    },
  );

  it.each(aggregates.flatMap((entry) => entry.examples.map(({ sql, value }) => [sql, value] as const)))(
    '%s',
    async (sql, value) => {
      const answer = await evaluateQuery(sql, { registry: { connectors: [], formats: [] } });
      if ('error' in answer) throw new Error(answer.error.message);
      const types = answer.fields.map((field) => field.type);
      expect(rowTexts(types, answer.rows.at(-1)!)).toEqual([value]);
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
