import type { Doc } from './doc.ts';

const STEP = 2;

interface Command {
  readonly doc: Doc;
  readonly indent: number;
  readonly broken: boolean;
}

/** A document as text in lines of at most `width` characters, where its groups allow that; no blanks end a line. */
export function renderDoc(doc: Doc, width: number): string {
  const out = new Output();
  const stack: Command[] = [{ doc, indent: 0, broken: true }];
  for (let command = stack.pop(); command !== undefined; command = stack.pop()) {
    const { indent, broken } = command;
    const { doc: current } = command;
    switch (current.kind) {
      case 'text':
        out.write(current.text, indent);
        break;
      case 'line':
        if (broken || current.forced) out.newLine(indent);
        else out.write(current.flat, indent);
        break;
      case 'blank':
        if (broken) out.newLine(0);
        break;
      case 'pad':
        out.write(broken ? ' '.repeat(current.width) : ' ', indent);
        break;
      case 'above':
        out.freshLine(indent);
        for (const comment of current.lines) {
          for (const [i, piece] of comment.split('\n').entries()) {
            if (i > 0) out.newLine(0);
            out.write(piece, indent);
          }
          out.newLine(indent);
        }
        break;
      case 'behind':
        out.comment(current.text, indent);
        break;
      case 'concat':
        for (let i = current.parts.length - 1; i >= 0; i--) stack.push({ doc: current.parts[i]!, indent, broken });
        break;
      case 'indent':
        stack.push({ doc: current.doc, indent: indent + STEP, broken });
        break;
      case 'group': {
        const flat = { doc: current.doc, indent, broken: false };
        const stays = !current.broken && fits(flat, stack, width - out.column, width);
        stack.push(stays ? flat : { ...flat, broken: true });
      }
    }
  }
  return out.finish();
}

/** Whether everything up to the next possible line break has room. */
function fits(command: Command, rest: readonly Command[], room: number, width: number): boolean {
  const stack: Command[] = [command];
  let next = rest.length - 1;
  let left = room;
  for (;;) {
    if (left < 0) return false;
    let top = stack.pop();
    if (top === undefined) {
      if (next < 0) return true;
      top = rest[next--]!;
    }
    const { doc, indent, broken } = top;
    switch (doc.kind) {
      case 'text':
        if (doc.text.includes('\n')) return left >= doc.text.indexOf('\n');
        left -= doc.text.length;
        break;
      case 'line':
        if (broken || doc.forced) return true;
        left -= doc.flat.length;
        break;
      case 'pad':
        left -= broken ? doc.width : 1;
        break;
      case 'above':
        left = width - indent;
        break;
      case 'concat':
        for (let i = doc.parts.length - 1; i >= 0; i--) stack.push({ doc: doc.parts[i]!, indent, broken });
        break;
      case 'indent':
        stack.push({ doc: doc.doc, indent: indent + STEP, broken });
        break;
      case 'group':
        stack.push({ doc: doc.doc, indent, broken: broken || doc.broken });
        break;
      case 'behind':
        return true;
      case 'blank':
        break;
    }
  }
}

/** Lines as they grow; comments wait for the end of theirs. */
class Output {
  #text = '';
  #line = '';
  #comments: string[] = [];

  get column(): number {
    return this.#line.length;
  }

  write(piece: string, indent: number): void {
    if (this.#comments.length > 0) {
      if (piece.trim() === '') return;
      this.newLine(indent);
    }
    const end = piece.lastIndexOf('\n');
    if (end < 0) this.#line += piece;
    else {
      this.#text += this.#line + piece.slice(0, end + 1);
      this.#line = piece.slice(end + 1);
    }
  }

  newLine(indent: number): void {
    this.#endLine();
    this.#text += '\n';
    this.#line = ' '.repeat(indent);
  }

  freshLine(indent: number): void {
    if (this.#line.trim() === '' && this.#comments.length === 0) this.#line = ' '.repeat(indent);
    else this.newLine(indent);
  }

  /** Two comments never share a line: they would become one. */
  comment(comment: string, indent: number): void {
    if (this.#comments.length > 0) this.newLine(indent);
    this.#comments.push(comment);
  }

  finish(): string {
    this.#endLine();
    return this.#text;
  }

  #endLine(): void {
    const comments = this.#comments.join(' ');
    const code = this.#line.trimEnd();
    this.#text += comments === '' ? code : code === '' ? `${this.#line}${comments}` : `${code}  ${comments}`;
    this.#line = '';
    this.#comments = [];
  }
}
