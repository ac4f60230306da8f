const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** e.g. '1.2K'. */
export function showCount(n: number): string {
  return n < 10 && n % 1 !== 0 ? n.toFixed(1) : compact.format(n < 1000 ? Math.round(n) : n);
}

/** e.g. '12,345'. */
export function showWhole(n: number): string {
  return whole.format(n);
}

/** As exact as it is told apart by the eye: seven digits. */
export function showNumber(n: number): string {
  return String(Number(n.toPrecision(7)));
}

/** Percent, e.g. '+0.25 %'. */
export function showChange(percent: number): string {
  return `${percent > 0 ? '+' : ''}${Number(percent.toPrecision(3))} %`;
}

/** e.g. '1.2K/s'. */
export function showRate(n: number): string {
  return `${showCount(n)}/s`;
}

/** e.g. '3.4 ms', '12 s', '5 min'. */
export function showSeconds(seconds: number): string {
  if (seconds < 0.001) return seconds === 0 ? '0 s' : '<1 ms';
  if (seconds < 1) return `${seconds < 0.01 ? (seconds * 1000).toFixed(1) : Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Milliseconds since 1970 as the time of the day. */
export function showTime(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}
