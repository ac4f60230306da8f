import { analyze } from '../analyze/analyze.ts';
import { Catalog } from '../analyze/catalog.ts';
import type { Context } from '../analyze/context.ts';
import type { RelationField } from '../analyze/relation.ts';
import type { Registry } from '../connector/bind.ts';
import { Diagnostics, type Span } from '../diagnostics/diagnostic.ts';
import { functions } from '../functions/index.ts';
import type { Statement } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { splitStatements } from '../syntax/split.ts';

/** What a job file is read with while somebody writes it. */
export interface LanguageEnvironment {
  readonly registry: Registry;
  /** Values of `${NAME}`; undefined where a name is not set. */
  variables(name: string): string | undefined;
}

/**
 * One version of a job file, looked at from places in it. Everything is read when it is first asked for; `earlier`, the
 * version before, lends its tables where nothing that creates them has changed.
 */
export class SourceFile {
  readonly text: string;
  readonly environment: LanguageEnvironment;
  #statements: readonly Statement[] | undefined;
  #spans: readonly Span[] | undefined;
  #tables: { readonly source: string; readonly catalog: Catalog } | undefined;

  constructor(text: string, environment: LanguageEnvironment, earlier?: SourceFile) {
    this.text = text;
    this.environment = environment;
    this.#tables = earlier?.environment === environment ? earlier.#tables : undefined;
  }

  /** The statements that can be read, in order. */
  get statements(): readonly Statement[] {
    this.#statements ??= this.#parse(this.text);
    return this.#statements;
  }

  /** All statements as text, those with mistakes too. */
  get spans(): readonly Span[] {
    this.#spans ??= splitStatements(this.text);
    return this.#spans;
  }

  /** The statement around `offset`, if it can be read. */
  statementAt(offset: number): Statement | undefined {
    return this.statements.find(({ span }) => span.start <= offset && offset <= span.end);
  }

  /** The tables and views that the statements before `offset` create. */
  catalogAt(offset: number): Catalog {
    // All else is blanked, so that the places of the tables stay those of the file.
    let source = '';
    for (const span of this.spans) {
      if (span.end > offset) break;
      const statement = this.text.slice(span.start, span.end);
      if (defines.test(statement)) source += blanks(span.start - source.length) + statement;
    }
    if (this.#tables?.source !== source) {
      const catalog = new Catalog();
      this.#analyze(this.#parse(source), catalog);
      this.#tables = { source, catalog };
    }
    return this.#tables.catalog;
  }

  /** Analyzes one statement of the file after those before it; `observe` is told of the types of its expressions. */
  observe(statement: Statement, observe: NonNullable<Context['observe']>): Catalog {
    const catalog = this.catalogAt(statement.span.start).copy();
    this.#analyze([statement], catalog, observe);
    return catalog;
  }

  /** The columns that a query gives at this place, as far as they are known. */
  columnsOf(query: string, offset: number): readonly RelationField[] {
    const [statement] = this.#parse(query);
    if (statement?.kind !== 'select-statement') return [];
    const catalog = this.catalogAt(offset).copy();
    const { span } = statement;
    const name = { kind: 'identifier', name: 'the query', quoted: true, span } as const;
    this.#analyze(
      [
        {
          kind: 'create-view',
          temporary: true,
          ifNotExists: false,
          name: { kind: 'name', parts: [name], span },
          columns: [],
          query: statement.query,
          span,
        },
      ],
      catalog,
    );
    const view = catalog.find({ kind: 'name', parts: [name], span });
    return view?.kind === 'view' ? view.relation.fields : [];
  }

  #parse(text: string): readonly Statement[] {
    return parse(text, { report: new Diagnostics(), variables: this.environment.variables }).statements;
  }

  #analyze(statements: readonly Statement[], catalog: Catalog, observe?: Context['observe']): void {
    analyze(
      { statements },
      { registry: this.environment.registry, functions, report: new Diagnostics(), catalog, observe },
    );
  }
}

/** Statements on which the tables, views and settings of later ones depend. */
const defines = /^(?:CREATE|DROP|USE|SET|RESET)\b/i;

function blanks(count: number): string {
  return ' '.repeat(Math.max(0, count));
}
