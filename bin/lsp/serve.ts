import {
  type CodeAction,
  CodeActionKind,
  CompletionItemKind,
  createConnection,
  ErrorCodes,
  ProposedFeatures,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  allow,
  type Completion,
  check,
  complete,
  type Diagnostic,
  type Fix,
  format,
  hover,
  type JobEnvironment,
  occurrencesAt,
  rename,
  SourceFile,
} from '../../engine/index.ts';
import { environmentOf } from '../environment.ts';
import { packageVersion } from '../package.ts';
import { editOf, protocolDiagnostic, rangeOf } from './convert.ts';

/** How long nothing must be typed before the whole file is checked. */
const QUIET = 150;

const kinds: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  table: CompletionItemKind.Struct,
  column: CompletionItemKind.Field,
  function: CompletionItemKind.Function,
  keyword: CompletionItemKind.Keyword,
  type: CompletionItemKind.TypeParameter,
  option: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
};

/** Serves one editor over standard input and output until it says goodbye or goes away. */
export function serve(registry: JobEnvironment['registry']): void {
  const environment = environmentOf(registry);
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  const documents = new TextDocuments(TextDocument);
  const files = new Map<string, { readonly version: number; readonly file: SourceFile }>();
  const found = new Map<string, { readonly version: number; readonly list: readonly Diagnostic[] }>();
  const timers = new Map<string, NodeJS.Timeout>();

  /** The document's newest text; each version is read once. */
  const open = (uri: string): { document: TextDocument; file: SourceFile } | undefined => {
    const document = documents.get(uri);
    if (document === undefined) return undefined;
    const known = files.get(uri);
    if (known !== undefined && known.version === document.version) return { document, file: known.file };
    const file = new SourceFile(document.getText(), environment, known?.file);
    files.set(uri, { version: document.version, file });
    return { document, file };
  };

  /** Each version is checked once. */
  const problems = (document: TextDocument): readonly Diagnostic[] => {
    const { uri, version } = document;
    const known = found.get(uri);
    if (known !== undefined && known.version === version) return known.list;
    const list = check({ file: uri, text: document.getText() }, environment).diagnostics;
    found.set(uri, { version, list });
    return list;
  };

  documents.onDidChangeContent(({ document }) => {
    clearTimeout(timers.get(document.uri));
    timers.set(
      document.uri,
      setTimeout(() => {
        const diagnostics = problems(document).map((d) => protocolDiagnostic(document, d));
        void connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics });
      }, QUIET),
    );
  });
  documents.onDidClose(({ document }) => {
    clearTimeout(timers.get(document.uri));
    timers.delete(document.uri);
    files.delete(document.uri);
    found.delete(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  connection.onInitialize(() => ({
    serverInfo: { name: 'cryptopipe', version: packageVersion() },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: ['.', "'", '`'] },
      hoverProvider: true,
      definitionProvider: true,
      referencesProvider: true,
      renameProvider: { prepareProvider: true },
      documentFormattingProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
    },
  }));

  connection.onCompletion(({ textDocument, position }) => {
    const opened = open(textDocument.uri);
    if (opened === undefined) return [];
    const { document, file } = opened;
    return complete(file, document.offsetAt(position)).map(({ kind, label, text, span, detail, doc }, i) => ({
      label,
      kind: kinds[kind],
      // Names in scope before functions before keywords, as the engine gives them.
      sortText: String(i).padStart(5, '0'),
      filterText: text,
      textEdit: editOf(document, { span, text }),
      ...(detail === undefined ? {} : { detail }),
      ...(doc === undefined ? {} : { documentation: { kind: 'markdown' as const, value: doc } }),
    }));
  });

  connection.onHover(({ textDocument, position }) => {
    const opened = open(textDocument.uri);
    const found = opened && hover(opened.file, opened.document.offsetAt(position));
    if (opened === undefined || found === undefined) return null;
    return { contents: { kind: 'markdown', value: found.text }, range: rangeOf(opened.document, found.span) };
  });

  connection.onDefinition(({ textDocument, position }) => {
    const opened = open(textDocument.uri);
    const found = opened && occurrencesAt(opened.file, opened.document.offsetAt(position));
    if (opened === undefined || found === undefined) return null;
    return { uri: textDocument.uri, range: rangeOf(opened.document, found.named.span) };
  });

  connection.onReferences(({ textDocument, position, context }) => {
    const opened = open(textDocument.uri);
    const found = opened && occurrencesAt(opened.file, opened.document.offsetAt(position));
    if (opened === undefined || found === undefined) return null;
    return found.all
      .filter(({ span }) => context.includeDeclaration || span.start !== found.named.span.start)
      .map(({ span }) => ({ uri: textDocument.uri, range: rangeOf(opened.document, span) }));
  });

  connection.onPrepareRename(({ textDocument, position }) => {
    const opened = open(textDocument.uri);
    const found = opened && occurrencesAt(opened.file, opened.document.offsetAt(position));
    return opened === undefined || found === undefined ? null : rangeOf(opened.document, found.at);
  });

  connection.onRenameRequest(({ textDocument, position, newName }) => {
    const opened = open(textDocument.uri);
    if (opened === undefined) return null;
    const { document, file } = opened;
    const edits = rename(file, document.offsetAt(position), newName);
    if ('refused' in edits) return new ResponseError(ErrorCodes.InvalidRequest, edits.refused);
    return { changes: { [textDocument.uri]: edits.map((edit) => editOf(document, edit)) } };
  });

  connection.onDocumentFormatting(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    const old = document.getText();
    const { text } = format(old);
    return text === undefined || text === old ? [] : [editOf(document, { span: { start: 0, end: old.length }, text })];
  });

  connection.onCodeAction(({ textDocument, range, context }) => {
    const opened = open(textDocument.uri);
    if (opened === undefined || (context.only !== undefined && !context.only.includes(CodeActionKind.QuickFix)))
      return [];
    const { document } = opened;
    const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    return problems(document).flatMap((diagnostic): CodeAction[] => {
      const { code, fix, span } = diagnostic;
      if (span.end < start || end < span.start) return [];
      const action = (title: string, edit: Fix, isPreferred: boolean): CodeAction => ({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [protocolDiagnostic(document, diagnostic)],
        isPreferred,
        edit: { changes: { [textDocument.uri]: [editOf(document, edit)] } },
      });
      const allowed = allow(document.getText(), diagnostic);
      return [
        ...(fix === undefined ? [] : [action(fixTitle(document, fix), fix, true)]),
        ...(allowed === undefined ? [] : [action(`Allow '${code}' here`, allowed, false)]),
      ];
    });
  });

  documents.listen(connection);
  connection.listen();
}

function fixTitle(document: TextDocument, { span, text }: Fix): string {
  const old = document.getText(rangeOf(document, span));
  if (old === '') return `Insert '${text.trim()}'`;
  return text === '' ? `Remove '${old}'` : `Replace '${old}' by '${text}'`;
}
