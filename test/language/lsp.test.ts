import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CodeAction,
  type CompletionItem,
  createProtocolConnection,
  type Diagnostic,
  type Hover,
  type Location,
  type Position,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { BIN } from '../end-to-end/bin.ts';

const tables = `CREATE TABLE ticks (symbol STRING, price DOUBLE, event_time_ms BIGINT) WITH ('connector' = 'datagen');
CREATE TABLE newest (symbol STRING, price DOUBLE, PRIMARY KEY (symbol) NOT ENFORCED) WITH ('connector' = 'blackhole');
`;

let child: ChildProcess;
let client: ProtocolConnection;
let count = 0;
const diagnostics = new Map<string, { version: number | undefined; list: Diagnostic[] }>();
let arrived = () => {};

beforeAll(async () => {
  child = spawn(process.execPath, [BIN, 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  client = createProtocolConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
  client.onNotification(
    'textDocument/publishDiagnostics',
    (p: { uri: string; version?: number; diagnostics: Diagnostic[] }) => {
      diagnostics.set(p.uri, { version: p.version, list: p.diagnostics });
      arrived();
    },
  );
  client.listen();
  const { capabilities } = await client.sendRequest<{ capabilities: Record<string, unknown> }>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  expect(capabilities).toMatchObject({ hoverProvider: true, definitionProvider: true });
  await client.sendNotification('initialized', {});
});

afterAll(async () => {
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await client.sendRequest('shutdown');
  await client.sendNotification('exit');
  expect(await exit).toBe(0);
});

/** Opens a text whose cursor stands at '|'; later edits are sent as the editor would. */
async function open(marked: string) {
  const offset = marked.indexOf('|');
  let document = TextDocument.create(`file:///job-${count++}.sql`, 'sql', 1, marked.replace('|', ''));
  const { uri } = document;
  await client.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'sql', version: 1, text: document.getText() },
  });
  const at = (where: number | string): Position =>
    document.positionAt(typeof where === 'number' ? where : document.getText().indexOf(where));
  const ask = <R>(method: string, position: Position, more: object = {}) =>
    client.sendRequest<R>(`textDocument/${method}`, { textDocument: { uri }, position, ...more });
  return {
    uri,
    at,
    ask,
    cursor: at(Math.max(0, offset)),
    text: () => document.getText(),
    async edit(where: string, removed: number, text: string) {
      const start = document.getText().indexOf(where);
      const range = { start: document.positionAt(start), end: document.positionAt(start + removed) };
      document = TextDocument.update(document, [{ range, text }], document.version + 1);
      await client.sendNotification('textDocument/didChange', {
        textDocument: { uri, version: document.version },
        contentChanges: [{ range, text }],
      });
    },
    async problems(): Promise<Diagnostic[]> {
      while (diagnostics.get(uri)?.version !== document.version) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
      return diagnostics.get(uri)!.list;
    },
    apply: (edits: readonly TextEdit[]) => TextDocument.applyEdits(document, [...edits]),
  };
}

async function labels(marked: string): Promise<string[]> {
  const file = await open(marked);
  const items = await file.ask<CompletionItem[]>('completion', file.cursor);
  return items.map(({ label }) => label);
}

describe('diagnostics', () => {
  it('follow incremental edits', async () => {
    const file = await open(`${tables}INSERT INTO newest SELECT symbol, prise FROM ticks;`);
    const [found] = await file.problems();
    expect(found).toMatchObject({ code: 'unknown-column', range: { start: file.at('prise') }, source: 'cryptopipe' });
    await file.edit('prise', 5, 'price');
    expect((await file.problems()).filter(({ severity }) => severity === 1)).toEqual([]);
  });

  it('count columns in UTF-16 units', async () => {
    const file = await open(`${tables}SELECT '😀', prise FROM ticks;`);
    const [found] = await file.problems();
    expect(found!.range).toEqual({ start: { line: 2, character: 13 }, end: { line: 2, character: 18 } });
  });

  it('offer their fixes', async () => {
    const file = await open(`${tables}INSERT INTO newest SELECT symbol, prise FROM ticks;`);
    const position = file.at('prise');
    const actions = await client.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: file.uri },
      range: { start: position, end: position },
      context: { diagnostics: [] },
    });
    expect(actions.map(({ title }) => title)).toEqual(["Replace 'prise' by 'price'"]);
    expect(file.apply(actions[0]!.edit!.changes![file.uri]!)).toContain('SELECT symbol, price FROM ticks');
  });
});

describe('allowing a warning', () => {
  const actionsAt = async (text: string, where: string) => {
    const file = await open(text);
    const position = file.at(where);
    const actions = await client.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: file.uri },
      range: { start: position, end: position },
      context: { diagnostics: [] },
    });
    return actions.map((action) => ({ ...action, text: file.apply(action.edit!.changes![file.uri]!) }));
  };
  const warnings = async (text: string) => (await (await open(text)).problems()).map(({ code }) => code);

  it.each([
    ['a statement of one line', `${tables}INSERT INTO newest SELECT symbol, price FROM ticks WHERE 1 > 2;`],
    ['a line inside a statement', `${tables}INSERT INTO newest\n  SELECT symbol, price\n  FROM ticks\n  WHERE 1 > 2;`],
    [
      'the second statement of a line',
      `${tables}SELECT 1; INSERT INTO newest SELECT symbol, price FROM ticks WHERE 1 > 2;`,
    ],
    ['a line that begins in a string', `${tables}INSERT INTO newest SELECT 'a\nb', price FROM ticks WHERE 1 > 2;`],
  ])('is offered for %s, and does it', async (_, text) => {
    expect(await warnings(text)).toEqual(['never-true']);
    const [action] = await actionsAt(text, '1 > 2');
    expect(action!.title).toBe("Allow 'never-true' here");
    expect(await warnings(action!.text)).toEqual([]);
  });

  it('joins the comment that is there', async () => {
    const text = `${tables}INSERT INTO newest SELECT symbol, price FROM ticks\n  -- cryptopipe: allow(select-star)\n  WHERE 1 > 2;`;
    const [action] = await actionsAt(text, '1 > 2');
    expect(action!.text).toContain('-- cryptopipe: allow(select-star, never-true)\n');
    expect(await warnings(action!.text)).toEqual([]);
  });

  it('is not offered for errors', async () => {
    const actions = await actionsAt(`${tables}SELECT prise FROM ticks;`, 'prise');
    expect(actions.map(({ title }) => title)).toEqual(["Replace 'prise' by 'price'"]);
  });
});

describe('several files', () => {
  it('know nothing of each other', async () => {
    const first = await open(`${tables}SELECT symbol FROM ticks;`);
    const second = await open(
      "CREATE TABLE ticks (venue STRING) WITH ('connector' = 'datagen');\nSELECT symbol FROM ticks;",
    );
    expect((await second.problems()).map(({ code }) => code)).toEqual(['unknown-column']);
    expect((await first.problems()).filter(({ severity }) => severity === 1)).toEqual([]);
    await first.edit('symbol FROM', 6, 'venue');
    expect((await first.problems()).map(({ code }) => code)).toContain('unknown-column');
    const at = second.at('FROM ticks');
    const items = await second.ask<CompletionItem[]>('completion', { ...at, character: at.character - 1 });
    expect(items[0]?.label).toBe('venue');
    const found = await second.ask<Location>('definition', second.at('ticks;'));
    expect(found.uri).toBe(second.uri);
  });

  it('forget the mistakes of one that is closed', async () => {
    const file = await open('SELECT nothing;');
    expect(await file.problems()).toHaveLength(1);
    await client.sendNotification('textDocument/didClose', { textDocument: { uri: file.uri } });
    while (diagnostics.get(file.uri)!.list.length > 0) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  });
});

describe('completion', () => {
  it('knows tables after FROM and INSERT INTO, before the statement is finished', async () => {
    expect(await labels(`${tables}SELECT * FROM |`)).toEqual(expect.arrayContaining(['ticks', 'newest']));
    expect(await labels(`${tables}INSERT INTO ne|`)).toEqual(['newest', 'ticks']);
  });

  it('knows the columns of the tables that come after the cursor', async () => {
    const found = await labels(`${tables}SELECT | FROM ticks`);
    expect(found.slice(0, 3)).toEqual(['symbol', 'price', 'event_time_ms']);
    expect(found).toContain('UPPER');
  });

  it('knows what an alias, a common table and a subquery stand for', async () => {
    expect(await labels(`${tables}SELECT t.| FROM ticks AS t`)).toEqual(['symbol', 'price', 'event_time_ms']);
    expect(await labels(`${tables}WITH w AS (SELECT price * 2 AS twice FROM ticks) SELECT w.| FROM w`)).toEqual([
      'twice',
    ]);
    expect(await labels(`${tables}SELECT d.| FROM (SELECT symbol AS s FROM ticks) d WHERE`)).toEqual(['s']);
  });

  it('keeps the branches of a UNION apart', async () => {
    const found = await labels(`${tables}SELECT symbol FROM ticks UNION ALL SELECT | FROM newest`);
    expect(found).toContain('price');
    expect(found).not.toContain('event_time_ms');
  });

  it('knows connectors, their options and the values of these', async () => {
    expect(await labels("CREATE TABLE t (a INT) WITH ('connector' = '|')")).toEqual(
      expect.arrayContaining(['kafka', 'jdbc', 'print']),
    );
    const keys = await labels("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 'x', '|')");
    expect(keys).toContain('scan.startup.mode');
    expect(keys).not.toContain('topic');
    expect(await labels("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'scan.startup.mode' = '|')")).toContain(
      'latest-offset',
    );
    expect(await labels("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'format' = 'json', |)")).toContain(
      'json.ignore-parse-errors',
    );
  });

  it('is not led astray by a quote that is not closed yet', async () => {
    const found = await labels(`CREATE TABLE t (a INT) WITH (\n  'connector' = 'ka|\n);\n${tables}`);
    expect(found).toContain('kafka');
  });

  it('knows settings and their values', async () => {
    expect(await labels("SET '|'")).toContain('pipeline.name');
    expect(await labels("SET 'table.exec.sink.not-null-enforcer' = '|'")).toEqual(['ERROR', 'DROP']);
  });

  it('knows the columns of the table that is being written, and types', async () => {
    expect(await labels('CREATE TABLE t (a INT, b STRING, PRIMARY KEY (|')).toEqual(['a', 'b']);
    expect(await labels(`${tables}INSERT INTO newest (|`)).toEqual(['symbol', 'price']);
    expect(await labels('CREATE TABLE t (a |')).toContain('BIGINT');
  });

  it('says nothing inside comments', async () => {
    expect(await labels(`${tables}-- SELECT |`)).toEqual([]);
  });
});

describe('hover', () => {
  it('shows the type of a column, a table and a function', async () => {
    const file = await open(`${tables}SELECT UPPER(t.symbol) AS big, price FROM ticks AS t;`);
    const text = async (where: string) =>
      ((await file.ask<Hover>('hover', file.at(where)))?.contents as { value: string } | undefined)?.value;
    expect(await text('price FROM')).toContain('price DOUBLE');
    expect(await text('big')).toContain('big STRING');
    expect(await text('ticks AS')).toContain('CREATE TABLE ticks');
    expect(await text('UPPER')).toContain('UPPER(');
    expect(await text('event_time_ms')).toContain('event_time_ms BIGINT');
    expect(await text('connector')).toBeUndefined();
  });

  it('shows what an option is for', async () => {
    const file = await open(
      "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'scan.startup.mode' = 'latest-offset');",
    );
    const found = await file.ask<Hover>('hover', file.at('startup'));
    expect((found.contents as { value: string }).value).toContain('**scan.startup.mode**');
  });
});

describe('definition and rename', () => {
  it('goes from a column to its declaration, through an alias', async () => {
    const file = await open(`${tables}SELECT t.event_time_ms AS e FROM ticks t;`);
    const found = await file.ask<Location>('definition', file.at('event_time_ms AS e'));
    expect(found.range.start).toEqual(file.at('event_time_ms BIGINT'));
  });

  it('finds every place of a column, with and without its declaration', async () => {
    const file = await open(
      `${tables}CREATE VIEW v AS SELECT price AS p FROM ticks;\nINSERT INTO newest SELECT symbol, t.price FROM ticks t WHERE price > 1;`,
    );
    const places = async (includeDeclaration: boolean) => {
      const found = await file.ask<Location[]>('references', file.at('price > 1'), { context: { includeDeclaration } });
      return found.map(({ range }) => range.start);
    };
    const uses = ['price AS p', 'price FROM ticks t', 'price > 1'].map(file.at);
    expect(await places(false)).toEqual(uses);
    expect(await places(true)).toEqual([file.at('price DOUBLE'), ...uses]);
    expect(await file.ask('references', file.at('WHERE'), { context: { includeDeclaration: true } })).toBeNull();
  });

  const rename = async (text: string, where: string, newName: string) => {
    const file = await open(text);
    const edit = await file.ask<WorkspaceEdit>('rename', file.at(where), { newName });
    return file.apply(edit.changes![file.uri]!);
  };

  it('renames a table wherever it is written, and no column or string of that name', async () => {
    const text = `${tables}INSERT INTO newest SELECT ticks.symbol, price FROM ticks WHERE symbol <> 'ticks';`;
    expect(await rename(text, 'ticks (', 'trades')).toBe(
      `${tables.replace('ticks', 'trades')}INSERT INTO newest SELECT trades.symbol, price FROM trades WHERE symbol <> 'ticks';`,
    );
  });

  it('renames a column of one table, and keeps the names that a view gives', async () => {
    const text = `${tables}CREATE VIEW v AS SELECT symbol, price FROM ticks;\nINSERT INTO newest SELECT symbol, price FROM v;`;
    expect(await rename(text, 'price DOUBLE', 'last price')).toBe(
      `${tables.replace('price', '`last price`')}CREATE VIEW v AS SELECT symbol, \`last price\` AS price FROM ticks;\nINSERT INTO newest SELECT symbol, price FROM v;`,
    );
    expect(await rename(text, 'price FROM v', 'p')).toBe(
      `${tables}CREATE VIEW v AS SELECT symbol, price AS p FROM ticks;\nINSERT INTO newest SELECT symbol, p FROM v;`,
    );
  });

  it('refuses a name that is taken, and where a statement cannot be read', async () => {
    await expect(rename(tables, 'ticks (', 'newest')).rejects.toThrow("there is a table 'newest' already");
    await expect(rename(`${tables}SELECT FROM ticks WHERE;`, 'ticks (', 'trades')).rejects.toThrow(
      'line 3 cannot be read',
    );
  });
});

describe('formatting', () => {
  it('gives the one style, and leaves a file with mistakes alone', async () => {
    const formatted = async (text: string) => {
      const file = await open(text);
      const options = { tabSize: 2, insertSpaces: true };
      return file.apply(await file.ask<TextEdit[]>('formatting', file.cursor, { options }));
    };
    expect(await formatted('select   1;')).toBe('SELECT 1;\n');
    expect(await formatted('select from;')).toBe('select from;');
  });
});

describe('a large file', () => {
  it('of 10 000 lines is answered from the statement around the cursor', async () => {
    const many = Array.from(
      { length: 2500 },
      (_, i) => `INSERT INTO newest\nSELECT symbol,\n  price + ${i}\nFROM ticks;\n`,
    );
    const file = await open(`${tables}${many.join('')}SELECT | FROM ticks`);
    const items = await file.ask<CompletionItem[]>('completion', file.cursor);
    expect(items.slice(0, 3).map(({ label }) => label)).toEqual(['symbol', 'price', 'event_time_ms']);
  });
});
