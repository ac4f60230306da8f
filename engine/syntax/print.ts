import type { Script, Statement } from './ast.ts';
import { printStatement } from './print-statement.ts';

/** A script as canonical SQL: one statement per line, each with its semicolon. Parsed again it gives the same tree. */
export function print(script: Script): string {
  return script.statements.map((statement: Statement) => `${printStatement(statement)};\n`).join('');
}

export { printExpression } from './print-expression.ts';
export { printQuery } from './print-query.ts';
export { printStatement } from './print-statement.ts';
export { printType } from './print-type.ts';
