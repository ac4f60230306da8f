import { createHash } from 'node:crypto';
import { bytesOf } from '../types/bytes-text.ts';
import { type } from '../types/data-type.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { signature, smallInteger, textOrBinary } from './signature.ts';

function digest(algorithm: string, value: string | Uint8Array): string {
  return createHash(algorithm)
    .update(typeof value === 'string' ? bytesOf(value) : value)
    .digest('hex');
}

function hash(name: string, algorithm: string, digits: number, example: string): ScalarFunction {
  return defineFunction({
    name,
    family: 'hash',
    doc: `The ${name} digest in ${digits} hexadecimal digits.`,
    syntax: [`${name}(s)`],
    examples: [{ sql: `${name}('hello')`, value: example }],
    resolve: signature(name, {
      parameters: [textOrBinary],
      returns: type.char(digits, false),
      evaluate: (value: string | Uint8Array) => digest(algorithm, value),
    }),
  });
}

const LENGTHS = [224, 256, 384, 512];

export const hashes: readonly ScalarFunction[] = [
  hash('MD5', 'md5', 32, '5d41402abc4b2a76b9719d911017c592'),
  hash('SHA1', 'sha1', 40, 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'),
  hash('SHA224', 'sha224', 56, 'ea09ae9cc6768c50fcee903ed054556e5bfc8347907f12598aa24193'),
  hash('SHA256', 'sha256', 64, '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'),
  hash(
    'SHA384',
    'sha384',
    96,
    '59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90125a3c79f90397bdf5f6a13de828684f',
  ),
  hash(
    'SHA512',
    'sha512',
    128,
    '9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043',
  ),
  defineFunction({
    name: 'SHA2',
    family: 'hash',
    doc: 'The SHA-2 digest of 224, 256, 384 or 512 bits in hexadecimal digits.',
    syntax: ['SHA2(s, bits)'],
    examples: [
      { sql: "SHA2('hello', 256)", value: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' },
    ],
    resolve: signature('SHA2', {
      parameters: [textOrBinary, smallInteger],
      returns: type.varchar(128, false),
      evaluate: (value: string | Uint8Array, bits: number) => {
        if (!LENGTHS.includes(bits)) {
          throw new EvaluationError(`SHA2 makes 224, 256, 384 or 512 bits, found ${bits}`);
        }
        return digest(`sha${bits}`, value);
      },
    }),
  }),
];
