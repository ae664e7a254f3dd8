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
  /** What of a large request is sent from where it is, if it is large itself. Absent: nothing. */
  raws?(content: Content): readonly Uint8Array[];
  /** Whether this request of an old method is one of the second level (see `serverLevel`). Absent: none is. */
  isLater?(content: Content): boolean;
}
