import { randomUUID } from 'node:crypto';
import { type } from '../types/data-type.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { signature, signatures, smallInteger } from './signature.ts';

const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** java.util.Random: the same numbers for the same seed. */
export class JavaRandom {
  #seed: bigint;

  constructor(seed: number) {
    this.#seed = (BigInt(seed) ^ MULTIPLIER) & MASK;
  }

  #next(bits: number): bigint {
    this.#seed = (this.#seed * MULTIPLIER + 0xbn) & MASK;
    return BigInt.asIntN(32, this.#seed >> BigInt(48 - bits));
  }

  nextDouble(): number {
    return Number((this.#next(26) << 27n) + this.#next(27)) / 2 ** 53;
  }

  nextInt(bound: number): number {
    const limit = BigInt(bound);
    const bits = this.#next(31);
    if ((limit & -limit) === limit) return Number((limit * bits) >> 31n);
    for (let candidate = bits; ; candidate = this.#next(31)) {
      const value = candidate % limit;
      if (candidate - value + (limit - 1n) <= 0x7fffffffn) return Number(value);
    }
  }
}

function below(bound: number, next: (bound: number) => number): number {
  if (bound <= 0) throw new EvaluationError(`RAND_INTEGER takes a positive bound, found ${bound}`);
  return next(bound);
}

const uniform = (bound: number) => Math.floor(Math.random() * bound);

/** One generator per call in the query and seed. */
function seeded(): (seed: number) => JavaRandom {
  const generators = new Map<number, JavaRandom>();
  return (seed) => {
    let generator = generators.get(seed);
    if (generator === undefined) {
      generator = new JavaRandom(seed);
      generators.set(seed, generator);
    }
    return generator;
  };
}

export const randoms: readonly ScalarFunction[] = [
  defineFunction({
    name: 'RAND',
    family: 'arithmetic',
    doc: 'A random number from 0 up to 1; with a seed the same sequence in every run.',
    syntax: ['RAND()', 'RAND(seed)'],
    examples: [{ sql: 'RAND(1)', value: '0.7308781907032909' }],
    deterministic: false,
    resolve: signatures('RAND', [
      { parameters: [], returns: type.double(false), evaluate: () => Math.random() },
      {
        parameters: [smallInteger],
        returns: type.double(false),
        build: () => {
          const generator = seeded();
          return { evaluate: (seed: number) => generator(seed).nextDouble() };
        },
      },
    ]),
  }),
  defineFunction({
    name: 'RAND_INTEGER',
    family: 'arithmetic',
    doc: 'A random integer from 0 up to a bound; with a seed the same sequence in every run.',
    syntax: ['RAND_INTEGER(bound)', 'RAND_INTEGER(seed, bound)'],
    examples: [{ sql: 'RAND_INTEGER(42, 1000000)', value: '431130' }],
    deterministic: false,
    resolve: signatures('RAND_INTEGER', [
      { parameters: [smallInteger], returns: type.int(false), evaluate: (bound: number) => below(bound, uniform) },
      {
        parameters: [smallInteger, smallInteger],
        returns: type.int(false),
        build: () => {
          const generator = seeded();
          return {
            evaluate: (seed: number, bound: number) => below(bound, (limit) => generator(seed).nextInt(limit)),
          };
        },
      },
    ]),
  }),
  defineFunction({
    name: 'UUID',
    family: 'arithmetic',
    doc: 'A random UUID (version 4).',
    syntax: ['UUID()'],
    examples: [{ sql: 'CHAR_LENGTH(UUID())', value: '36' }],
    deterministic: false,
    resolve: signature('UUID', { parameters: [], returns: type.char(36, false), evaluate: () => randomUUID() }),
  }),
];
