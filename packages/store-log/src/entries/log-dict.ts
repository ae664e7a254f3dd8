import type { DictRecord } from "@everdict/store";
import type { DictEntries } from "./dict-entries.ts";

/** A dictionary: its record, its entries, and whether it is about to go. */
export interface LogDict {
  record: DictRecord;
  readonly entries: DictEntries;
  /** A deletion was decided; resolves when it is durable. */
  removal: Promise<void> | undefined;
}
