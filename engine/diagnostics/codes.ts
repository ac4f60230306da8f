/**
 * Every diagnostic code, declared once: the slug that users see in brackets and can allow, and what it means.
 * Grouped by the phase that reports it.
 */
export const codes = {
  // syntax
  syntax: 'The text is not Flink SQL at this place.',
  'unterminated-string': 'A string literal has no closing quote.',
  'unterminated-comment': 'A block comment has no end.',
  'unknown-character': 'A character that SQL does not know outside strings.',
  'reserved-word': 'A reserved word stands where a name is expected and needs backticks.',
  'too-deep': 'Parentheses or subqueries are nested too deeply.',
  'missing-variable': 'A variable in a string literal is not set and has no default.',
  'empty-job': 'The file holds no statement.',
  // statements
  unsupported: 'Flink has this, cryptopipe does not (yet).',
  'duplicate-name': 'A table, view or column with this name exists already.',
  'unknown-setting': 'A SET key that neither Flink nor cryptopipe knows.',
  'bad-setting': 'A SET value that its key does not accept.',
  // names
  'unknown-table': 'No table or view has this name.',
  'unknown-column': 'No column has this name here.',
  'ambiguous-column': 'More than one table in scope has this column.',
  'unknown-function': 'No function has this name.',
  // types
  'type-mismatch': 'An expression has a type that does not fit its place.',
  'invalid-argument': 'A function does not take these arguments.',
  'invalid-cast': 'Flink does not cast between these types.',
  'invalid-literal': 'A literal does not denote a value of its type.',
  'invalid-type': 'A type is not known or its parameters are out of range.',
  'invalid-query': 'A query is put together in a way that SQL does not allow.',
  // tables and options
  'missing-connector': "A table has no 'connector' option.",
  'unknown-connector': 'No connector has this name.',
  'unknown-format': 'No format has this name.',
  'unknown-option': 'The connector or format has no such option.',
  'missing-option': 'A required option is missing.',
  'bad-option': 'The value of an option is not accepted.',
  'conflicting-options': 'Options that exclude each other are both set.',
  'wrong-role': 'An option or connector is for reading where it is written, or the other way round.',
  'unknown-metadata': 'The connector has no such metadata key.',
  'invalid-key': 'A primary key or key field does not name a fitting column.',
  // inserts
  'column-count': 'The query gives another number of columns than the sink has.',
  'sink-type': 'A column of the query does not fit the column of the sink.',
  'sink-changelog': 'The query updates rows and the sink can only append.',
  'not-replayable': 'A sink is to write each row once, and a source cannot be read again after a restart.',
  // cryptopipe.yaml
  'config-syntax': 'The configuration file is not YAML.',
  'config-key': 'The configuration has no such key, or lacks one.',
  'config-value': 'A value of the configuration is not accepted.',
  // the outside, with validate --connect
  unreachable: 'A server that an option names cannot be reached, or refuses the login.',
  'missing-target': 'A topic, table or symbol that an option names does not exist.',
  'unfit-target': 'A topic or table cannot be used as the job wants to: columns, types, keys, privileges.',
  // warnings
  'unused-table': 'A table or view is declared and never used.',
  'select-star': "'*' writes the columns of a table into a sink by their place.",
  'never-true': 'A filter that no row can pass.',
  'time-unit': 'Milliseconds meet seconds.',
  'latest-offset': 'What was sent before the first start is never read.',
  'unbounded-state': 'A query remembers more and more rows.',
  credentials: 'A secret stands in the file.',
  'not-portable': 'Flink would reject it (`validate --portable`).',
  'unknown-code': 'A comment allows a diagnostic that does not exist.',
} as const satisfies Record<string, string>;

export type DiagnosticCode = keyof typeof codes;
