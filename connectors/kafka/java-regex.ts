const posix: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'A-Za-z',
  Digit: '0-9',
  Alnum: 'A-Za-z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  XDigit: '0-9A-Fa-f',
  Space: '\\s',
};

/**
 * The regular expression of Java as one of JavaScript that matches whole names, or a sentence about what it holds that
 * JavaScript does not have.
 */
export function javaRegex(source: string): RegExp | { readonly problem: string } {
  let flags = '';
  let rest = source;
  const leading = /^\(\?([ims]+)\)/.exec(source);
  if (leading !== null) {
    flags = [...new Set(leading[1])].join('');
    rest = source.slice(leading[0].length);
  }
  const translated = translate(rest);
  if (typeof translated !== 'string') return translated;
  try {
    return new RegExp(`^(?:${translated})$`, flags);
  } catch (error) {
    return { problem: (error as Error).message.replace(/^Invalid regular expression: \/\^\(\?:.*\)\$\/\w*: /, '') };
  }
}

function translate(source: string): string | { readonly problem: string } {
  let out = '';
  let classDepth = 0;
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (c === '\\') {
      const next = source[i + 1] ?? '';
      if (next === 'Q') {
        const end = source.indexOf('\\E', i + 2);
        out += source.slice(i + 2, end < 0 ? undefined : end).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
        i = end < 0 ? source.length : end + 1;
        continue;
      }
      const named = /^\\([pP])\{(?:Is)?(\w+)\}/.exec(source.slice(i));
      const set = named === null ? undefined : posix[named[2]!];
      if (named !== null && set === undefined) return { problem: `the character class ${named[0]} is not supported` };
      if (named !== null && named[1] === 'P' && classDepth > 0) {
        return { problem: `${named[0]} inside brackets is not supported` };
      }
      if (named !== null) {
        out += classDepth > 0 ? set : `[${named[1] === 'P' ? '^' : ''}${set}]`;
        i += named[0].length - 1;
        continue;
      }
      if (next === 'A' || next === 'Z' || next === 'z') out += next === 'A' ? '^' : '$';
      else if (next === 'h') out += classDepth > 0 ? ' \\t' : '[ \\t]';
      else if (/[GXRHV]/.test(next)) return { problem: `\\${next} is not supported` };
      else out += c + next;
      i++;
      continue;
    }
    if (classDepth > 0) {
      if (c === '[' || source.startsWith('&&', i))
        return { problem: 'classes inside brackets ([…[…]] and &&) are not supported' };
      if (c === ']') classDepth--;
    } else if (c === '[') {
      classDepth++;
      // Both languages take a ']' right after the bracket differently: Java as a character.
      if (source[i + 1] === ']') return { problem: "write '\\]' for a bracket inside brackets" };
    } else if (/[*+?}]/.test(c) && source[i + 1] === '+') {
      return { problem: `possessive quantifiers (${c}+) are not supported` };
    } else if (source.startsWith('(?>', i)) {
      return { problem: 'atomic groups (?>…) are not supported' };
    } else if (/^\(\?[a-zA-Z-]+[:)]/.test(source.slice(i))) {
      return { problem: 'flags inside a pattern are not supported: only (?i), (?s) and (?m) at its start' };
    }
    out += c;
  }
  return out;
}
