import type { ByteWriter } from "../wire/byte-writer.ts";
import type { EncodeFrame, FrameKind } from "./encode-frame.ts";
import type { IdentityMemo } from "./identity-memo.ts";

/** What the functions that write a container's parts need of the encoder, which calls them. */
export interface Saver {
  readonly writer: ByteWriter;
  /** Under which memo number each object was written. */
  readonly objects: IdentityMemo;
  /** Objects whose arguments are being written. */
  readonly constructing: Set<object>;

  /**
   * Writes a value, or begins to and returns true: then a frame has been pushed. `hashable` says that the value is
   * part of a dict key or set element.
   */
  save(value: unknown, hashable: boolean): boolean;

  /** Writes a value that is no part of a key, with all that is in it. */
  saveWhole(value: unknown): void;

  /** Writes a number that is a float, though it may be integral. */
  saveFloat(value: number): void;

  /** Writes a reference if the object has been written before. */
  saveKnown(value: object): boolean;

  /** Writes the opcode of an empty container, or a reference and returns false if it has been written before. */
  begin(value: object, opcode: number, hash: number): boolean;

  /** Goes one level deeper. */
  push(kind: FrameKind, source: object): EncodeFrame;

  /** Goes back by one level. */
  pop(frame: EncodeFrame): void;
}
