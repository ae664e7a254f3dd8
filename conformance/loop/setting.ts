import { type DictInfo, type DictService, type Entry, requestKeysMaxBytes } from "@everdict/protocol";
import type { MeasuredServer } from "./measured-server.ts";

/** How large everything is. */
export interface Sizes {
  readonly valueBytes: number;
  readonly keyBytes: number;
  readonly entries: number;
  readonly requestEntries: number;
  /** In memory, and on disk, where each takes a flush. */
  readonly dicts: number;
  readonly durableDicts: number;
  /** Values of the largest size that are read at once. */
  readonly valuesAtOnce: number;
}

/** What a row works with. */
export interface Setting {
  readonly server: MeasuredServer;
  readonly service: DictService;
  readonly sizes: Sizes;
  /** A new dictionary. */
  dict(): Promise<DictInfo>;
  /** A new dictionary of so many small entries. */
  filled(entries: number): Promise<DictInfo>;
  /** A new dictionary with one entry of the largest size. */
  withLargeValue(): Promise<DictInfo>;
  /** A value of the largest size. */
  readonly largeValue: Uint8Array;
  /** Another server, whose default environment has the most dictionaries; over the same transport. */
  readonly crowded: MeasuredServer & { readonly service: DictService };
}

/** One operation at its largest allowed input: what must be there first, then what is measured. */
export type Row = (setting: Setting) => Promise<Act>;
export type Act = () => Promise<unknown>;

/** The bytes of a text. */
export const key = (text: string): Uint8Array => new TextEncoder().encode(text);
export const big: Uint8Array = key("large");

let lastName = 0;
/** A name that nothing has. */
export const nextName = (): string => `loop-${++lastName}`;

/** As many keys of the largest size as a request may have. */
export function largestKeys({ keyBytes }: Sizes): Uint8Array[] {
  return Array.from({ length: Math.floor(requestKeysMaxBytes / keyBytes) }, (_, index) =>
    new Uint8Array(keyBytes).fill(index, 0, 100).fill(index >> 8, 100),
  );
}

/** Many entries of one request. */
export function numbered(count: number, first = 0, valueBytes = 20): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    key: key(`key ${first + index}`),
    value: new Uint8Array(valueBytes).fill(index),
  }));
}
