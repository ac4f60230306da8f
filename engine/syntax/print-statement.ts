import type { Insert, Option, Set as SetStatement, Statement, StatementSet, StringLiteral } from './ast.ts';
import { printCreateTable } from './print-create-table.ts';
import { printExpression } from './print-expression.ts';
import { printIdentifier, printIdentifiers, printName, printString } from './print-name.ts';
import { printHints, printQuery } from './print-query.ts';

/** A statement without its semicolon. */
export function printStatement(s: Statement): string {
  switch (s.kind) {
    case 'create-table':
      return printCreateTable(s);
    case 'create-view': {
      const columns = s.columns.length === 0 ? '' : ` ${printIdentifiers(s.columns)}`;
      return `CREATE ${flag(s.temporary, 'TEMPORARY ')}VIEW ${flag(s.ifNotExists, 'IF NOT EXISTS ')}${printName(s.name)}${columns}${comment(s.comment)} AS ${printQuery(s.query)}`;
    }
    case 'create-catalog':
      return `CREATE CATALOG ${flag(s.ifNotExists, 'IF NOT EXISTS ')}${printIdentifier(s.name)}${withOptions(s.options)}`;
    case 'create-database':
      return `CREATE DATABASE ${flag(s.ifNotExists, 'IF NOT EXISTS ')}${printName(s.name)}${comment(s.comment)}${withOptions(s.options)}`;
    case 'create-function': {
      const kind = `${flag(s.temporary, 'TEMPORARY ')}${flag(s.system, 'SYSTEM ')}FUNCTION`;
      const language = s.language === undefined ? '' : ` LANGUAGE ${s.language}`;
      return `CREATE ${kind} ${flag(s.ifNotExists, 'IF NOT EXISTS ')}${printName(s.name)} AS ${printString(s.className)}${language}`;
    }
    case 'alter':
      return `ALTER ${s.object} ${printName(s.name)} ${s.rest}`;
    case 'drop': {
      const cascade = s.cascade === undefined ? '' : ` ${s.cascade}`;
      return `DROP ${flag(s.temporary, 'TEMPORARY ')}${s.object} ${flag(s.ifExists, 'IF EXISTS ')}${printName(s.name)}${cascade}`;
    }
    case 'set':
      return printSet(s);
    case 'reset':
      if (s.key === undefined) return 'RESET';
      return `RESET ${s.quoted ? printString(s.key) : s.key.value}`;
    case 'use':
      if (s.modules !== undefined) return `USE MODULES ${s.modules.map(printIdentifier).join(', ')}`;
      return `USE ${flag(s.catalog, 'CATALOG ')}${s.name === undefined ? '' : printName(s.name)}`;
    case 'insert':
      return printInsert(s);
    case 'statement-set':
      return s.form === 'begin' ? `BEGIN STATEMENT SET; ${printInserts(s)} END` : `EXECUTE ${printSetOf(s)}`;
    case 'select-statement':
      return printQuery(s.query);
    case 'explain': {
      const details = s.details.length === 0 ? '' : `${s.details.join(', ')} `;
      const inner = s.statement.kind === 'statement-set' ? printSetOf(s.statement) : printStatement(s.statement);
      return `EXPLAIN ${details}${inner}`;
    }
    case 'describe':
      return `DESCRIBE ${s.object === 'TABLE' ? '' : `${s.object} `}${flag(s.extended, 'EXTENDED ')}${printName(s.name)}`;
    case 'show': {
      const name = s.name === undefined ? '' : ` ${printName(s.name)}`;
      const like = s.like === undefined ? '' : ` ${flag(s.negated ?? false, 'NOT ')}LIKE ${printString(s.like)}`;
      return `SHOW ${s.what}${name}${like}`;
    }
    case 'client-command':
      return s.command;
  }
}

function flag(value: boolean, text: string): string {
  return value ? text : '';
}

function comment(literal: StringLiteral | undefined): string {
  return literal === undefined ? '' : ` COMMENT ${printString(literal)}`;
}

function withOptions(options: readonly Option[]): string {
  return options.length === 0 ? '' : ` WITH ${printOptions(options)}`;
}

/** `('k' = 'v', …)`. */
export function printOptions(options: readonly Option[]): string {
  return `(${options.map(({ key, value }) => `${printString(key)} = ${printString(value)}`).join(', ')})`;
}

function printSet({ key, value, quoted }: SetStatement): string {
  if (key === undefined || value === undefined) return 'SET';
  if (quoted) return `SET ${printString(key)} = ${printString(value)}`;
  const plain = value.raw ?? value.value;
  const bare = /^[^;'"\s]+$/.test(plain) && !/^(--|\/\/|\/\*)|\$\{/.test(plain);
  return `SET ${key.value} = ${bare ? plain : printString(value)}`;
}

function printInsert(s: Insert): string {
  const hints = s.hints.length === 0 ? '' : ` ${printHints(s.hints)}`;
  const parts = s.partition.map(({ column, value }) => `${printIdentifier(column)} = ${printExpression(value)}`);
  const partition = parts.length === 0 ? '' : ` PARTITION (${parts.join(', ')})`;
  const columns = s.columns === undefined ? '' : ` ${printIdentifiers(s.columns)}`;
  return `INSERT ${s.overwrite ? 'OVERWRITE' : 'INTO'} ${printName(s.target)}${hints}${partition}${columns} ${printQuery(s.query)}`;
}

function printSetOf(set: StatementSet): string {
  return `STATEMENT SET BEGIN ${printInserts(set)} END`;
}

function printInserts({ inserts }: StatementSet): string {
  return inserts.map((insert) => `${printInsert(insert)};`).join(' ');
}
