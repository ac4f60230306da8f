/** How cells lie in a line. Characters are single; `quote` and `escaper` undefined: there is none. */
export interface CsvDialect {
  readonly separator: string;
  readonly quote: string | undefined;
  readonly escaper: string | undefined;
  readonly elementSeparator: string;
  readonly nullLiteral: string | undefined;
  readonly comments: boolean;
}
