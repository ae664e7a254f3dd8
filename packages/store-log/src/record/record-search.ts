import type { LogFile } from "../files/files.ts";
import { checksumSeed, mayBeRecord, RecordView, recordHeaderBytes } from "./record.ts";

// What is looked through in one turn, at every offset.
const windowBytes = 128 * 1024;

/** Where to look for records. */
export interface SearchRange {
  readonly from: number;
  readonly to: number;
  /** The segment's. */
  readonly salt: number;
}

/** The whole record at an offset, in bytes of its own; undefined if there is none. */
export async function readRecordAt(
  file: LogFile,
  offset: number,
  { to, salt }: Pick<SearchRange, "to" | "salt">,
): Promise<RecordView | undefined> {
  if (to - offset < recordHeaderBytes) return undefined;
  const record = new RecordView();
  const head = Buffer.alloc(recordHeaderBytes);
  await file.read(head, offset);
  if (record.readHead(head, 0, Number.POSITIVE_INFINITY) !== "whole") return undefined;
  if (offset + record.length > to) return undefined;
  const bytes = Buffer.allocUnsafeSlow(record.length);
  const isThere = (await file.read(bytes, offset)) === bytes.length;
  const seed = checksumSeed(salt, offset);
  return isThere && record.read(bytes, 0, bytes.length, seed) === "whole" ? record : undefined;
}

/**
 * The offset of the first whole record between two offsets that is accepted; undefined if there is none. Looks at every
 * offset, because behind damage it is unknown where records begin.
 *
 * @param accept - asked before the checksum is computed
 */
export async function findRecord(
  file: LogFile,
  { from, to, salt }: SearchRange,
  accept: (record: RecordView, offset: number) => boolean = () => true,
): Promise<number | undefined> {
  const view = new RecordView();
  const window = Buffer.allocUnsafeSlow(Math.max(0, Math.min(windowBytes, to - from)));
  let start = from;
  while (to - start >= recordHeaderBytes) {
    const wanted = window.subarray(0, Math.min(window.length, to - start));
    const bytes = window.subarray(0, await file.read(wanted, start));
    if (bytes.length < recordHeaderBytes) return undefined;
    for (let at = 0; at + recordHeaderBytes <= bytes.length; at++) {
      if (!mayBeRecord(bytes, at) || view.readHead(bytes, at, Number.POSITIVE_INFINITY) !== "whole") continue;
      const offset = start + at;
      if (offset + view.length > to || !accept(view, offset)) continue;
      if ((await readRecordAt(file, offset, { to, salt })) !== undefined) return offset;
    }
    start += bytes.length - recordHeaderBytes + 1;
  }
  return undefined;
}
