/** Microseconds nearest to nanoseconds, halves up, as the PostgreSQL driver of Java rounds. */
export function microsOf(nanos: bigint): bigint {
  const up = nanos + 500n;
  const quotient = up / 1000n;
  return up < 0n && quotient * 1000n !== up ? quotient - 1n : quotient;
}
