import { type DataType, MAX_LENGTH, type as types, typeText } from '../types/data-type.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { checkCount } from './signature.ts';

/** The text that a CREATE TABLE takes back: no STRING, BYTES or TIMESTAMP_LTZ. */
function serializable(t: DataType): string {
  const nullability = t.nullable ? '' : ' NOT NULL';
  switch (t.kind) {
    case 'VARCHAR':
    case 'VARBINARY':
      return (t.length === MAX_LENGTH ? `${t.kind}(${MAX_LENGTH})` : typeText(t, false)) + nullability;
    case 'TIMESTAMP_LTZ':
      return `TIMESTAMP(${t.precision}) WITH LOCAL TIME ZONE${nullability}`;
    case 'ARRAY':
    case 'MULTISET':
      return `${t.kind}<${serializable(t.element)}>${nullability}`;
    case 'MAP':
      return `MAP<${serializable(t.key)}, ${serializable(t.value)}>${nullability}`;
    case 'ROW':
      return `ROW<${t.fields.map((f) => `\`${f.name}\` ${serializable(f.type)}`).join(', ')}>${nullability}`;
    default:
      return typeText(t);
  }
}

export const conversions: readonly ScalarFunction[] = [
  defineFunction({
    name: 'TYPEOF',
    family: 'conversion',
    doc: 'The type of an expression as text; with TRUE as second argument in its full form.',
    syntax: ['TYPEOF(x [, full])'],
    examples: [
      { sql: 'TYPEOF(1.5)', value: 'DECIMAL(2, 1) NOT NULL' },
      { sql: 'TYPEOF(NULL)', value: 'NULL' },
    ],
    resolve: (args) => {
      const wrong = checkCount('TYPEOF', args.length, 1, 2);
      if (wrong) return wrong;
      const full = args.length === 1 ? false : args[1]!.literal;
      if (typeof full !== 'boolean') return { mismatch: 'TYPEOF takes TRUE or FALSE here', argument: 1 };
      const text = full ? serializable(args[0]!.type) : typeText(args[0]!.type);
      return {
        type: types.string(),
        parameters: args.map((argument) => argument.type),
        nulls: 'called',
        evaluate: () => text,
      };
    },
  }),
];
