/** What became of a test file's blocks; `failure` says how an answer differs. */
export interface TestedFile {
  readonly file: string;
  readonly seconds: number;
  readonly cases: readonly { readonly line: number; readonly name: string; readonly failure?: string }[];
}

/** Results as JUnit's XML, which CI services read. */
export function junitReport(tested: readonly TestedFile[]): string {
  const suites = tested.map(({ file, seconds, cases }) => {
    const failures = cases.filter(({ failure }) => failure !== undefined).length;
    const lines = cases.map(({ line, name, failure }) => {
      const open = `    <testcase classname="${escapeXml(file)}" name="line ${line}: ${escapeXml(name)}"`;
      if (failure === undefined) return `${open}/>\n`;
      const message = escapeXml(failure.split('\n')[0]!);
      return `${open}>\n      <failure message="${message}">${escapeXml(failure)}</failure>\n    </testcase>\n`;
    });
    const attributes = `name="${escapeXml(file)}" tests="${cases.length}" failures="${failures}" time="${seconds.toFixed(3)}"`;
    return `  <testsuite ${attributes}>\n${lines.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

/** Characters that XML cannot hold at all become question marks. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
