import { createError, timerMaxMs } from "@everdict/protocol";

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * Reads a `grpc-timeout` header (up to 8 digits and a unit) as milliseconds, rounded up.
 *
 * @returns undefined if there is no header, or one of more than 24 days.
 * @throws `invalid_argument` for anything else
 */
export function parseGrpcTimeoutMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const unit = unitMs[header.slice(-1)];
  if (unit === undefined || !/^\d{1,8}.$/.test(header)) {
    throw createError("invalid_argument", "grpc-timeout is not 1 to 8 digits and one of H, M, S, m, u, n");
  }
  const timeoutMs = Math.ceil(Number(header.slice(0, -1)) * unit);
  return timeoutMs > timerMaxMs ? undefined : timeoutMs;
}
