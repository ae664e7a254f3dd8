import { type Changed, type CommitOutcome, createError, type Version } from "@everdict/protocol";

/**
 * The outcome of a commit, as the log keeps it.
 *
 * | of a commit that was | bytes |
 * | --- | --- |
 * | done | 0, then for each change: what there is of it (1: a version, 2: a value), the version in 8 bytes, the value's length in 2 bytes, the value |
 * | refused | 1 to 3: the reason; the index in 4 bytes; the version that was found in 8 bytes, if one was |
 */
export function encodeOutcome(outcome: CommitOutcome): Buffer {
  if (!outcome.committed) {
    const { reason, index, found } = outcome;
    const bytes = Buffer.alloc(5 + (found === undefined ? 0 : versionBytes));
    bytes[0] = 1 + reasons.indexOf(reason);
    bytes.writeUInt32LE(index, 1);
    if (found !== undefined) bytes.write(found, 5, "hex");
    return bytes;
  }
  const bytes = Buffer.allocUnsafe(1 + outcome.results.reduce((sum, each) => sum + changedBytes(each), 0));
  bytes[0] = 0;
  let at = 1;
  for (const { version, value } of outcome.results) {
    bytes[at++] = (version === undefined ? 0 : hasVersion) | (value === undefined ? 0 : hasValue);
    if (version !== undefined) at += bytes.write(version, at, "hex");
    if (value === undefined) continue;
    at = bytes.writeUInt16LE(value.length, at);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/** Reads what `encodeOutcome` wrote. @throws `data_loss` */
export function decodeOutcome(bytes: Buffer): CommitOutcome {
  const kind = bytes[0]!;
  if (kind === 0) return { committed: true, results: decodeResults(bytes) };
  const reason = reasons[kind - 1];
  if (reason === undefined)
    throw createError("data_loss", "the outcome kept for a commit is of an unknown kind");
  const found = bytes.length > 5 ? versionAt(bytes, 5) : undefined;
  return { committed: false, reason, index: bytes.readUInt32LE(1), found };
}

const reasons = ["condition", "not_a_number", "out_of_bounds"] as const;
const versionBytes = 8;
const hasVersion = 1;
const hasValue = 2;

function changedBytes({ version, value }: Changed): number {
  return 1 + (version === undefined ? 0 : versionBytes) + (value === undefined ? 0 : 2 + value.length);
}

function decodeResults(bytes: Buffer): Changed[] {
  const results: Changed[] = [];
  for (let at = 1; at < bytes.length; ) {
    const flags = bytes[at++]!;
    const version = (flags & hasVersion) === 0 ? undefined : versionAt(bytes, at);
    if (version !== undefined) at += versionBytes;
    if ((flags & hasValue) === 0) {
      results.push({ version });
      continue;
    }
    const end = at + 2 + bytes.readUInt16LE(at);
    results.push({ version, value: new Uint8Array(bytes.subarray(at + 2, end)) });
    at = end;
  }
  return results;
}

function versionAt(bytes: Buffer, at: number): Version {
  return bytes.toString("hex", at, at + versionBytes);
}
