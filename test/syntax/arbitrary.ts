import fc from 'fast-check';
import type {
  BinaryOperator,
  Call,
  ColumnDefinition,
  Expression,
  Identifier,
  Name,
  Query,
  QueryBody,
  Script,
  Select,
  Statement,
  StringLiteral,
  TableExpression,
  TextLiteral,
  TimeUnit,
  TypeNode,
} from '../../engine/syntax/ast.ts';
import { reserved } from '../../engine/syntax/reserved.ts';

/** Syntax trees as the parser makes them, all places zero. */

const span = { start: 0, end: 0 };

/** Leaves out what is undefined: optional fields are absent, not undefined. */
function node<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

const option = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const few = <T>(value: fc.Arbitrary<T>, minLength = 1): fc.Arbitrary<T[]> =>
  fc.array(value, { minLength, maxLength: 3 });

/** One of these, at great depth the first, which must not recurse. */
function choose<T>(...choices: fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof({ maxDepth: 5, depthIdentifier: 'tree' }, ...choices);
}

/** Words that the grammar gives a meaning where a name stands. */
const meaningful = /^(map|descriptor|key|format|if|desc|quit|exit|help|clear|json|trim|week|quarter|temporary)s?$/i;

export const identifier: fc.Arbitrary<Identifier> = fc.oneof(
  fc
    .stringMatching(/^[a-z_$][a-z0-9_$]{0,6}$/)
    .filter((name) => !reserved.has(name.toUpperCase()) && !meaningful.test(name))
    .map((name): Identifier => ({ kind: 'identifier', name, quoted: false, span })),
  fc
    .oneof(
      fc.constantFrom('value', 'a b', 'it`s', '价格', 'order', "'", '$' + '{x}'),
      fc.string({ minLength: 1, maxLength: 6 }),
    )
    .filter((name) => !/[\r\n]/.test(name))
    .map((name): Identifier => ({ kind: 'identifier', name, quoted: true, span })),
);

const name: fc.Arbitrary<Name> = few(identifier).map((parts) => ({ kind: 'name', parts, span }));

const words = fc.oneof(
  fc.constantFrom('', "it's", ';', '--', '/* x */', '价', '😀', '$' + '{A}', '\\', '"'),
  fc.string({ maxLength: 8 }),
);

const literal: fc.Arbitrary<StringLiteral> = words.map((value) => ({ kind: 'string', value, span }));

const text: fc.Arbitrary<TextLiteral> = fc
  .record({ value: words, form: fc.constantFrom('plain', 'plain', 'unicode', 'UTF8', 'N') })
  .map(({ value, form }) =>
    node<TextLiteral>({
      kind: 'text',
      value,
      unicode: form === 'unicode' ? true : undefined,
      charset: form === 'UTF8' || form === 'N' ? form : undefined,
      span,
    }),
  );

const unit = fc.constantFrom<TimeUnit>('YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND');

const qualifier = fc.oneof(
  fc
    .record({ from: unit, precision: option(fc.nat({ max: 9 })) })
    .map(({ from, precision }) =>
      node<NonNullable<TypeNode['interval']>>({ from, precision, to: undefined, fraction: undefined, span }),
    ),
  fc
    .record({ precision: option(fc.nat({ max: 9 })), fraction: option(fc.nat({ max: 9 })) })
    .map(({ precision, fraction }) =>
      node<NonNullable<TypeNode['interval']>>({ from: 'DAY', precision, to: 'SECOND', fraction, span }),
    ),
);

const bareType = (name: string, parameters: readonly number[] = []): TypeNode => ({
  kind: 'type',
  name,
  parameters,
  elements: [],
  fields: [],
  span,
});

const scalarType: fc.Arbitrary<TypeNode> = fc.oneof(
  fc
    .constantFrom(
      'BOOLEAN',
      'TINYINT',
      'SMALLINT',
      'INT',
      'BIGINT',
      'FLOAT',
      'DOUBLE',
      'STRING',
      'BYTES',
      'DATE',
      'TEXT',
    )
    .map((n) => bareType(n)),
  fc
    .tuple(
      fc.constantFrom('CHAR', 'VARCHAR', 'TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ', 'DECIMAL'),
      option(fc.nat({ max: 99 })),
    )
    .map(([n, p]) => bareType(n, p === undefined ? [] : [p])),
  fc.tuple(fc.nat({ max: 38 }), fc.nat({ max: 38 })).map(([p, s]) => bareType('DECIMAL', [p, s])),
);

/** `nullable` as elements and columns may have it. */
const types = fc.letrec<{ bare: TypeNode; type: TypeNode }>((tie) => ({
  type: fc.tuple(tie('bare'), option(fc.boolean())).map(([type, nullable]) => node<TypeNode>({ ...type, nullable })),
  bare: choose(
    scalarType,
    tie('type').map((element) => ({ ...bareType('ARRAY'), elements: [element] })),
    fc.tuple(tie('type'), tie('type')).map((elements) => ({ ...bareType('MAP'), elements })),
    few(fc.record({ name: identifier, type: tie('type'), comment: option(literal) }), 0).map((fields) => ({
      ...bareType('ROW'),
      fields: fields.map((field) => node<TypeNode['fields'][number]>(field)),
    })),
  ),
}));

const castType = fc.oneof(
  types.bare,
  qualifier.map((interval): TypeNode => ({ ...bareType('INTERVAL'), interval })),
);

const binaryOperator = fc.constantFrom<BinaryOperator>(
  'OR',
  'AND',
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
);

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .constantFrom('0', '1', '1.50', '.5', '1e3', '2.', '1E-7')
    .map((t): Expression => ({ kind: 'number', text: t, span })),
  text,
  fc.constantFrom('', '0aff', 'FF').map((hex): Expression => ({ kind: 'binary-literal', hex, span })),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value, span })),
  fc.constant<Expression>({ kind: 'null', span }),
  fc
    .tuple(fc.constantFrom('DATE', 'TIME', 'TIMESTAMP'), literal)
    .map(([type, value]): Expression => ({ kind: 'datetime', type, value, span })),
  fc
    .record({ negative: fc.boolean(), value: literal, qualifier })
    .map((fields): Expression => ({ kind: 'interval', ...fields, span })),
  few(identifier).map((parts): Expression => ({ kind: 'reference', parts, star: false, span })),
  fc
    .constantFrom('CURRENT_DATE', 'CURRENT_TIMESTAMP', 'LOCALTIME')
    .map((n): Expression => ({ kind: 'call', name: plainName(n), arguments: [], bare: true, span })),
);

function plainName(n: string): Name {
  return { kind: 'name', parts: [{ kind: 'identifier', name: n, quoted: false, span }], span };
}

const star: Expression = { kind: 'reference', parts: [], star: true, span };

export const syntax = fc.letrec<{
  expression: Expression;
  call: Expression;
  query: Query;
  body: QueryBody;
  select: Select;
  table: TableExpression;
  plainTable: TableExpression;
}>((tie) => {
  const expression = tie('expression');
  const orderItem = fc
    .record({
      expression,
      descending: fc.boolean(),
      nulls: option(fc.constantFrom<'FIRST' | 'LAST'>('FIRST', 'LAST')),
    })
    .map((item) => node<Query['orderBy'][number]>({ ...item, span }));
  const window = fc
    .record({
      base: option(identifier),
      partitionBy: few(expression, 0),
      orderBy: few(orderItem, 0),
      frame: option(
        fc.constantFrom<NonNullable<Extract<Call['over'], { kind: 'window' }>['frame']>>(
          { unit: 'ROWS', start: { kind: 'UNBOUNDED PRECEDING' } },
          { unit: 'RANGE', start: { kind: 'UNBOUNDED PRECEDING' }, end: { kind: 'CURRENT ROW' } },
          {
            unit: 'ROWS',
            start: { kind: 'PRECEDING', offset: { kind: 'number', text: '2', span } },
            end: { kind: 'FOLLOWING', offset: { kind: 'number', text: '1', span } },
          },
        ),
      ),
    })
    .map((fields) => node<Extract<NonNullable<Call['over']>, { kind: 'window' }>>({ kind: 'window', ...fields, span }));
  const notSubquery = expression.filter(({ kind }) => kind !== 'subquery');
  const alias = fc.record({ name: identifier, columns: few(identifier, 0) });
  const symbol = (n: string): Expression => ({ kind: 'symbol', name: n, span });
  const called = (n: string, args: readonly Expression[], more: Partial<Call> = {}): Expression => ({
    kind: 'call',
    name: plainName(n),
    arguments: args,
    ...more,
    span,
  });
  return {
    expression: choose<Expression>(
      leaf,
      fc
        .tuple(fc.constantFrom<'+' | '-' | 'NOT'>('+', '-', 'NOT'), expression)
        .map(([operator, operand]): Expression => ({ kind: 'unary', operator, operand, span })),
      fc
        .record({ operator: binaryOperator, left: expression, right: expression })
        .map((fields): Expression => ({ kind: 'binary', ...fields, operatorSpan: span, span })),
      fc
        .record({ left: expression, right: expression, interval: qualifier })
        .map((fields): Expression => ({ kind: 'binary', operator: '-', ...fields, operatorSpan: span, span })),
      fc
        .record({
          operand: expression,
          test: fc.constantFrom('NULL', 'TRUE', 'UNKNOWN', 'JSON OBJECT'),
          negated: fc.boolean(),
        })
        .map((fields): Expression => ({ kind: 'is', ...fields, span })),
      fc
        .record({ left: expression, right: expression, negated: fc.boolean() })
        .map((fields): Expression => ({ kind: 'is-distinct', ...fields, span })),
      fc
        .record({
          operand: expression,
          low: expression,
          high: expression,
          symmetric: fc.boolean(),
          negated: fc.boolean(),
        })
        .map((fields): Expression => ({ kind: 'between', ...fields, span })),
      fc
        .record({
          operand: expression,
          list: fc.oneof(few(notSubquery), tie('query')),
          negated: fc.boolean(),
        })
        .map((fields): Expression => ({ kind: 'in', ...fields, span })),
      fc
        .record({
          operand: expression,
          pattern: expression,
          escape: option(expression),
          similar: fc.boolean(),
          negated: fc.boolean(),
        })
        .map((fields) => node<Extract<Expression, { kind: 'like' }>>({ kind: 'like', ...fields, span })),
      tie('query').map((query): Expression => ({ kind: 'exists', query, span })),
      tie('query').map((query): Expression => ({ kind: 'subquery', query, span })),
      fc
        .tuple(expression, expression, expression, expression)
        .map(([a, b, c, d]): Expression => ({ kind: 'overlaps', left: [a, b], right: [c, d], span })),
      fc
        .record({
          operand: option(expression),
          whens: few(fc.record({ when: expression.map((e) => [e]), result: expression })),
          otherwise: option(expression),
        })
        .map((fields) => node<Extract<Expression, { kind: 'case' }>>({ kind: 'case', ...fields, span })),
      fc
        .record({ try: fc.boolean(), operand: expression, type: castType })
        .map((fields): Expression => ({ kind: 'cast', ...fields, span })),
      tie('call'),
      few(expression).map((items): Expression => ({ kind: 'row', explicit: true, items, span })),
      fc.tuple(expression, expression).map((items): Expression => ({ kind: 'row', explicit: false, items, span })),
      few(expression, 0).map((items): Expression => ({ kind: 'array', items, span })),
      fc.tuple(expression, expression).map((items): Expression => ({ kind: 'map', items, span })),
      fc
        .record({ operand: expression, index: expression })
        .map((fields): Expression => ({ kind: 'item', ...fields, span })),
      fc
        .record({ operand: expression, name: identifier })
        .map((fields): Expression => ({ kind: 'field', ...fields, span })),
    ),
    call: fc.oneof(
      fc
        .record({
          name,
          arguments: fc.oneof(few(expression, 0), fc.constant([star])),
          distinct: option(fc.constant(true)),
          orderBy: option(few(orderItem)),
          withinGroup: option(few(orderItem)),
          filter: option(expression),
          nulls: option(fc.constantFrom<'RESPECT' | 'IGNORE'>('RESPECT', 'IGNORE')),
          over: option(fc.oneof(identifier, window)),
        })
        .filter(
          ({ arguments: args, distinct, orderBy: order }) =>
            (args.length > 0 && args[0] !== star) || (distinct ?? order) === undefined,
        )
        .map((fields) => node<Call>({ kind: 'call', json: undefined, bare: undefined, ...fields, span })),
      expression.map((e) => called('EXTRACT', [symbol('YEAR'), e])),
      fc.tuple(expression, expression).map(([a, b]) => called('TRIM', [symbol('LEADING'), a, b])),
      fc.tuple(expression, expression, expression).map((args) => called('SUBSTRING', args)),
      fc.tuple(expression, expression, expression).map((args) => called('OVERLAY', args)),
      fc.tuple(expression, expression).map((args) => called('POSITION', args)),
      expression.map((e) => called('FLOOR', [e, symbol('DAY')])),
      fc.tuple(expression, expression).map((args) => called('TIMESTAMPDIFF', [symbol('MINUTE'), ...args])),
      fc
        .tuple(expression, expression, types.bare, expression)
        .map(([a, b, returning, other]) =>
          called('JSON_VALUE', [a, b], { json: { returning, onEmpty: 'NULL', onError: { default: other } } }),
        ),
      fc.tuple(expression, expression).map((args) => called('JSON_OBJECT', args, { json: { onNull: 'ABSENT' } })),
      fc.tuple(name, identifier, few(expression)).map(([table, column, partitionBy]) =>
        called('session', [
          { kind: 'named-argument', name: column, value: { kind: 'table-argument', table, partitionBy, span }, span },
          { kind: 'descriptor', columns: [column], span },
        ]),
      ),
    ),
    query: fc
      .record({
        with: choose(
          fc.constant<{ name: Identifier; columns: Identifier[]; query: Query }[]>([]),
          few(fc.record({ name: identifier, columns: few(identifier, 0), query: tie('query') }), 0),
        ),
        body: tie('body'),
        orderBy: few(orderItem, 0),
        limit: option(fc.constant<Expression>({ kind: 'number', text: '10', span })),
        offset: option(fc.constant<Expression>({ kind: 'number', text: '5', span })),
      })
      .map((fields): Query => {
        const common = fields.with.map((table) => ({ ...table, span }));
        const bare =
          common.length === 0 &&
          fields.orderBy.length === 0 &&
          fields.limit === undefined &&
          fields.offset === undefined;
        if (bare && fields.body.kind === 'query') return fields.body;
        return node<Query>({ kind: 'query', ...fields, with: common, span });
      }),
    body: choose<QueryBody>(
      tie('select'),
      fc
        .array(few(expression), { minLength: 1, maxLength: 2 })
        .map((rows): QueryBody => ({ kind: 'values', rows, span })),
      fc
        .record({
          operator: fc.constantFrom<'UNION' | 'INTERSECT' | 'EXCEPT'>('UNION', 'INTERSECT', 'EXCEPT'),
          all: fc.boolean(),
          left: tie('body'),
          right: fc.oneof(tie('select'), tie('query')),
        })
        .map(
          ({ operator, left, ...fields }): QueryBody => ({
            kind: 'set-operation',
            operator:
              left.kind === 'set-operation' && left.operator !== 'INTERSECT' && operator === 'INTERSECT'
                ? 'UNION'
                : operator,
            left,
            ...fields,
            span,
          }),
        ),
      tie('query'),
    ),
    select: fc
      .record({
        hints: option(few(fc.record({ name: identifier, names: few(literal, 0), options: fc.constant([]) }))),
        distinct: fc.boolean(),
        items: few(
          fc.oneof(
            few(identifier, 0).map((parts) => ({
              expression: { kind: 'reference', parts, star: true, span } as Expression,
              span,
            })),
            fc
              .record({ expression, alias: option(identifier) })
              .map((item) => node<Select['items'][number]>({ ...item, span })),
          ),
        ),
        from: option(tie('table')),
        where: option(expression),
        groupBy: option(few(expression)),
        having: option(expression),
        windows: few(fc.record({ name: identifier, window }), 0),
        qualify: option(expression),
      })
      .map(({ from, ...fields }) => {
        const hints = fields.hints?.map((hint) => ({ ...hint, span }));
        if (from !== undefined) return node<Select>({ kind: 'select', ...fields, hints, from, span });
        const { distinct, items } = fields;
        return node<Select>({
          kind: 'select',
          distinct,
          items,
          hints,
          from,
          where: undefined,
          groupBy: undefined,
          having: undefined,
          windows: [],
          qualify: undefined,
          span,
        });
      }),
    plainTable: choose<TableExpression>(
      name.map((table): TableExpression => ({ kind: 'table', name: table, hints: [], span })),
      fc
        .record({ name, systemTime: option(expression), alias: option(alias) })
        .map((fields) =>
          node<Extract<TableExpression, { kind: 'table' }>>({ kind: 'table', hints: [], ...fields, span }),
        ),
      fc
        .record({ lateral: fc.boolean(), query: tie('query'), alias: option(alias) })
        .map((fields) => node<Extract<TableExpression, { kind: 'derived' }>>({ kind: 'derived', ...fields, span })),
      fc
        .record({ expressions: few(expression), ordinality: fc.boolean(), alias: option(alias) })
        .map((fields) => node<Extract<TableExpression, { kind: 'unnest' }>>({ kind: 'unnest', ...fields, span })),
    ),
    table: choose<TableExpression>(
      tie('plainTable'),
      fc.record({ left: tie('plainTable'), right: tie('plainTable'), on: option(expression) }).map((fields) =>
        node<Extract<TableExpression, { kind: 'join' }>>({
          kind: 'join',
          type: 'LEFT',
          comma: false,
          natural: false,
          using: undefined,
          ...fields,
          span,
        }),
      ),
      fc
        .record({ left: tie('table'), right: tie('plainTable') })
        .map(
          (fields): TableExpression => ({ kind: 'join', type: 'INNER', comma: true, natural: false, ...fields, span }),
        ),
    ),
  };
});

const options = few(fc.record({ key: literal, value: literal }), 0).map((list) =>
  list.map((pair) => ({ ...pair, span })),
);

const column: fc.Arbitrary<ColumnDefinition> = fc.oneof(
  fc
    .record({ name: identifier, type: types.type, comment: option(literal) })
    .map((fields) => node<Extract<ColumnDefinition, { kind: 'physical' }>>({ kind: 'physical', ...fields, span })),
  fc
    .record({
      name: identifier,
      type: types.type,
      from: option(literal),
      virtual: fc.boolean(),
      comment: option(literal),
    })
    .map((fields) => node<Extract<ColumnDefinition, { kind: 'metadata' }>>({ kind: 'metadata', ...fields, span })),
  fc
    .record({ name: identifier, expression: syntax.expression, comment: option(literal) })
    .map((fields) => node<Extract<ColumnDefinition, { kind: 'computed' }>>({ kind: 'computed', ...fields, span })),
);

const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc
    .record({
      temporary: fc.boolean(),
      orReplace: fc.boolean(),
      ifNotExists: fc.boolean(),
      name,
      columns: few(column),
      watermark: option(syntax.expression),
      key: option(few(identifier)),
      comment: option(literal),
      partitionedBy: few(identifier, 0),
      options,
      as: option(syntax.query),
    })
    .map(({ watermark, key, ...fields }) =>
      node<Extract<Statement, { kind: 'create-table' }>>({
        kind: 'create-table',
        ...fields,
        watermarks: watermark === undefined ? [] : [{ column: [fields.name.parts[0]!], expression: watermark, span }],
        primaryKey: key === undefined ? undefined : { columns: key, enforced: false, ofColumn: false, span },
        distribution: undefined,
        distributedBy: undefined,
        optionsSpan: span,
        like: undefined,
        span,
      }),
    ),
  fc
    .record({
      temporary: fc.boolean(),
      ifNotExists: fc.boolean(),
      name,
      columns: few(identifier, 0),
      query: syntax.query,
    })
    .map((fields): Statement => ({ kind: 'create-view', ...fields, span })),
  fc
    .record({ overwrite: fc.boolean(), target: name, columns: option(few(identifier)), query: syntax.query })
    .map((fields) =>
      node<Extract<Statement, { kind: 'insert' }>>({ kind: 'insert', hints: [], partition: [], ...fields, span }),
    ),
  syntax.query.map((query): Statement => ({ kind: 'select-statement', query, span })),
  fc.tuple(literal, literal).map(([key, value]): Statement => ({ kind: 'set', key, value, quoted: true, span })),
);

export const script: fc.Arbitrary<Script> = few(statement, 0).map((statements) => ({ statements }));
