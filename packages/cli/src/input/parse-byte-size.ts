import { usageError } from "../cli-error.ts";

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Reads a positive size in bytes: `1048576`, `256KiB`, `100MiB`, `1GiB`. */
export function parseByteSize(text: string): number {
  const match = /^(\d+)(B|KiB|MiB|GiB)?$/.exec(text);
  const sizeBytes = match === null ? 0 : Number(match[1]) * (unitBytes[match[2] ?? ""] ?? 0);
  if (sizeBytes > 0 && Number.isSafeInteger(sizeBytes)) return sizeBytes;
  throw usageError(`'${text}' is not a size; use bytes or a unit (KiB, MiB, GiB), for instance 100MiB`);
}
