import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";

/** How one kind of request is written and read. */
export interface RequestCodec<Content> {
  /** The most bytes that it may take. */
  room(content: Content): number;
  write(sink: ByteSink, content: Content): void;
  /**
   * @param requestMaxEntries how many entries a request may hold
   * @throws SessionProtocolError, `too_many_entries`, `invalid_argument`
   */
  read(source: ByteSource, requestMaxEntries: number): Content;
  /** Of a large request: what comes first, and then parts that can be sent from where they are. Absent: there are none. */
  split?(content: Content): { readonly head: Uint8Array; readonly rest: readonly Uint8Array[] } | undefined;
}
