import { isText } from '../../types/coerce.ts';
import { withNullable } from '../../types/data-type.ts';
import { defineAggregate } from '../aggregate.ts';
import { checkCount, untypedNull, wrongType } from '../signature.ts';
import { ValueLists } from './value-lists.ts';

export const listagg = defineAggregate({
  name: 'LISTAGG',
  doc: 'All texts that are not NULL, in the order in which they came, with a separator between them: a comma if none is given.',
  syntax: ['LISTAGG(s [, separator])'],
  examples: [
    { sql: 'LISTAGG(a)', rows: "('x'), ('y'), ('x')", value: 'x,y,x' },
    { sql: "LISTAGG(a, ' | ')", rows: "('x'), ('y')", value: 'x | y' },
    { sql: 'LISTAGG(DISTINCT a)', rows: "('x'), ('y'), ('x')", value: 'x,y' },
  ],
  resolve: (args, { mayBeEmpty }) => {
    const wrong = checkCount('LISTAGG', args.length, 1, 2);
    if (wrong !== undefined) return wrong;
    const [argument, separator] = args;
    const element = argument!.type;
    if (element.kind === 'NULL') return untypedNull(0);
    if (!isText(element))
      return { ...wrongType('LISTAGG', 'a string', argument!, 0), help: 'cast it: CAST(x AS STRING)' };
    if (separator !== undefined && typeof separator.literal !== 'string') {
      return { mismatch: 'the separator of LISTAGG is a constant text', argument: 1, help: "write one such as ', '" };
    }
    const between = (separator?.literal as string | undefined) ?? ',';
    const result = withNullable(element, element.nullable || mayBeEmpty);
    return {
      type: result,
      parameters: [element],
      mergeable: true,
      ...(separator === undefined ? {} : { clauses: `'${between.replaceAll("'", "''")}'` }),
      create: () =>
        new ValueLists({
          element,
          result,
          keepNulls: false,
          finish: (list) => (list.length === 0 ? null : list.join(between)),
        }),
    };
  },
});
