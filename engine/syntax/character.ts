/** Digits of numbers; also inside names. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** What Flink's lexer takes as the first character of a name. */
export function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36;
  return (
    (code >= 0xc0 && code <= 0x1fff && code !== 0xd7 && code !== 0xf7) ||
    (code >= 0x3040 && code <= 0x318f) ||
    (code >= 0x3300 && code <= 0x337f) ||
    (code >= 0x3400 && code <= 0x3d2d) ||
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff)
  );
}
