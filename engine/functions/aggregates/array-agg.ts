import { type } from '../../types/data-type.ts';
import { defineAggregate } from '../aggregate.ts';
import { checkCount, untypedNull } from '../signature.ts';
import { ValueLists } from './value-lists.ts';

export const arrayAgg = defineAggregate({
  name: 'ARRAY_AGG',
  doc: 'All values in the order in which they came, NULL too unless IGNORE NULLS is said.',
  syntax: ['ARRAY_AGG(x) [IGNORE NULLS]'],
  examples: [
    { sql: 'ARRAY_AGG(a)', rows: '(2), (1), (2)', value: '[2, 1, 2]' },
    { sql: 'ARRAY_AGG(DISTINCT a)', rows: '(2), (1), (2)', value: '[2, 1]' },
    { sql: 'ARRAY_AGG(a) IGNORE NULLS', rows: '(1), (CAST(NULL AS INT))', value: '[1]' },
  ],
  resolve: (args, { mayBeEmpty, nulls }) => {
    const wrong = checkCount('ARRAY_AGG', args.length, 1);
    if (wrong !== undefined) return wrong;
    const element = args[0]!.type;
    if (element.kind === 'NULL') return untypedNull(0);
    const ignored = nulls === 'IGNORE';
    const result = type.array(element, element.nullable || mayBeEmpty);
    return {
      type: result,
      parameters: [element],
      mergeable: true,
      ...(ignored ? { clauses: 'IGNORE NULLS' } : {}),
      create: () =>
        new ValueLists({
          element,
          result,
          keepNulls: !ignored,
          finish: (list) => (list.length === 0 ? null : [...list]),
        }),
    };
  },
});
