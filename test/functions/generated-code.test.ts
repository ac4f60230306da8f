import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Argument, ResolvedCall, ScalarFunction, Session } from '../../engine/functions/define.ts';
import { functions } from '../../engine/functions/index.ts';
import { resolveCast } from '../../engine/types/cast.ts';
import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import { typeText } from '../../engine/types/data-type.ts';
import type { Cast } from '../../engine/types/define-cast.ts';
import { generate } from '../../engine/types/generate.ts';
import { arbitraryOf, scalarTypes } from './random-value.ts';

const session: Session = { timeZone: 'America/New_York', now: () => 0n };

type Evaluate = (...values: Scalar[]) => Scalar;

/** The function that generated code would be for the arguments. */
function compile(code: NonNullable<ResolvedCall['code']>, count: number, guard?: ResolvedCall['guard']): Evaluate {
  const bindings: Record<string, unknown> = {};
  const names = Array.from({ length: count }, (_, i) => `a${i}`);
  const bind = (value: unknown) => {
    const name = `k${Object.keys(bindings).length}`;
    bindings[name] = value;
    return name;
  };
  const text = code(names, bind);
  const guarded = guard === undefined ? text : `${guard(names, bind)} ? ${text} : null`;
  return generate(bindings, `return (${names.join(', ')}) => ${guarded};`);
}

/** Ways to call a function with up to two arguments for which it has code. */
function codedCalls(entry: ScalarFunction): { types: readonly DataType[]; call: ResolvedCall }[] {
  const lists: DataType[][] = [
    ...scalarTypes.map((t) => [t]),
    ...scalarTypes.flatMap((a) => scalarTypes.map((b) => [a, b])),
  ];
  return lists.flatMap((types) => {
    const call = attempt(
      entry,
      types.map((type) => ({ type })),
    );
    return call?.code === undefined ? [] : [{ types, call }];
  });
}

/** Functions with keywords among their arguments cannot be called without them. */
function attempt(entry: ScalarFunction, args: readonly Argument[]): ResolvedCall | undefined {
  if (['EXTRACT', 'TIMESTAMPADD', 'TIMESTAMPDIFF', 'OVERLAPS', 'DATETIME DIFFERENCE'].includes(entry.name))
    return undefined;
  if (entry.name.startsWith('UNARY') && args.length !== 1) return undefined;
  const call = entry.resolve(args, session);
  return 'mismatch' in call ? undefined : call;
}

/** A value, or the message of the error. */
function outcome(evaluate: Evaluate, values: readonly Scalar[]): unknown {
  try {
    return evaluate(...values);
  } catch (error) {
    return (error as Error).message;
  }
}

const coded = [...new Set(functions.values())].flatMap((entry) =>
  codedCalls(entry).map((found) => ({ name: entry.name, ...found })),
);

describe('generated code and evaluation agree', () => {
  it('for every function that has both', () => {
    expect(coded.length).toBeGreaterThan(300);
    for (const { name, call } of coded) {
      const generated = compile(call.code!, call.parameters.length, call.guard);
      const evaluated = call.evaluate as Evaluate;
      const label = `${name}(${call.parameters.map((t) => typeText(t, false)).join(', ')})`;
      fc.assert(
        fc.property(fc.tuple(...call.parameters.map(arbitraryOf)), (values) => {
          expect(outcome(generated, values), label).toEqual(outcome(evaluated, values));
        }),
        { numRuns: 40 },
      );
    }
  });

  it('for every cast that has both', () => {
    const casts: { from: DataType; to: DataType; cast: Cast }[] = [];
    for (const from of scalarTypes) {
      for (const to of scalarTypes) {
        const cast = resolveCast(from, to, session.timeZone);
        if (cast?.code !== undefined) casts.push({ from, to, cast });
      }
    }
    expect(casts.length).toBeGreaterThan(100);
    for (const { from, to, cast } of casts) {
      const generated = compile(([value], bind) => cast.code!(value!, bind), 1);
      fc.assert(
        fc.property(arbitraryOf(from), (value) => {
          const label = `${typeText(from, false)} to ${typeText(to, false)}`;
          expect(generated(value), label).toEqual((cast.evaluate as Evaluate)(value));
        }),
        { numRuns: 60 },
      );
    }
  });
});
