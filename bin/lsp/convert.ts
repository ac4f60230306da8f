import {
  DiagnosticSeverity,
  type Diagnostic as ProtocolDiagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic, Fix, Span } from '../../engine/index.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Information,
} as const;

/** Lines and UTF-16 columns from 0, as the protocol counts; offsets are UTF-16 too. */
export function rangeOf(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function editOf(document: TextDocument, { span, text }: Fix): TextEdit {
  return { range: rangeOf(document, span), newText: text };
}

export function protocolDiagnostic(document: TextDocument, diagnostic: Diagnostic): ProtocolDiagnostic {
  const { code, severity, message, span, help } = diagnostic;
  return {
    range: rangeOf(document, span),
    severity: severities[severity],
    code,
    source: 'cryptopipe',
    message: help === undefined ? message : `${message}\nhelp: ${help}`,
  };
}
