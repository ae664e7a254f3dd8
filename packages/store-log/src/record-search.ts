import type { LogFile } from "./files.ts";
import { checksumSeed, RecordView, recordHeaderBytes } from "./record.ts";
import type { SegmentHeader } from "./segment-header.ts";

const windowBytes = 1024 * 1024;

/** Where to look for records. */
export interface SearchRange {
  readonly from: number;
  readonly to: number;
  /** The segment's. */
  readonly salt: number;
}

/** The salt of a segment: what its header says, or if that is damaged, under which of its salts there are records. */
export async function believedSalt(
  file: LogFile,
  { isWhole, salts }: SegmentHeader,
  to: number,
): Promise<number> {
  for (const salt of salts) {
    if (isWhole || (await findRecord(file, { from: 0, to, salt })) !== undefined) return salt;
  }
  return 0;
}

/**
 * The offset of the first whole record between two offsets that is accepted; undefined if there is none. Looks at
 * every offset, since behind damage nobody knows where records begin.
 *
 * @param accept - asked before the checksum is computed
 */
export async function findRecord(
  file: LogFile,
  { from, to, salt }: SearchRange,
  accept: (record: RecordView, offset: number) => boolean = () => true,
): Promise<number | undefined> {
  const view = new RecordView();
  const window = Buffer.allocUnsafeSlow(Math.min(windowBytes, to - from));
  let start = from;
  while (to - start >= recordHeaderBytes) {
    const wanted = window.subarray(0, Math.min(window.length, to - start));
    const bytes = window.subarray(0, await file.read(wanted, start));
    if (bytes.length < recordHeaderBytes) return undefined;
    for (let at = 0; at + recordHeaderBytes <= bytes.length; at++) {
      if (view.readHead(bytes, at, Number.POSITIVE_INFINITY) !== "whole") continue;
      const offset = start + at;
      if (offset + view.length > to || !accept(view, offset)) continue;
      const record = Buffer.allocUnsafe(view.length);
      await file.read(record, offset);
      if (new RecordView().read(record, 0, record.length, checksumSeed(salt, offset)) === "whole")
        return offset;
    }
    start += bytes.length - recordHeaderBytes + 1;
  }
  return undefined;
}
