// The texts and bytes within one key. CPython's pickler recognises by identity an object that it has written before.
// Texts have no identity in JavaScript, so a rule says which of the equal ones are one object.
//
// The empty text and bytes, texts of one character up to U+00FF and single bytes are always one object in Python.
// Single bytes that were made by `bytes([7])` and the like are the exception.

import type { ByteWriter } from "../wire/byte-writer.ts";
import { latin1 } from "../wire/utf8.ts";

/**
 * Which of the equal texts (or bytes) the next one is: those of one group are one object. Asked in the order in which
 * they stand in the key, for each by its {@link contentOf}.
 */
export type GroupOf = (content: string) => number;

/** Names a text, or bytes. */
export const contentOf = (value: string | Uint8Array): string =>
  typeof value === "string" ? `t${value}` : `b${latin1(value)}`;

/** Whether equal ones are one object in any Python. */
export function isSingle(value: string | Uint8Array): boolean {
  if (typeof value !== "string") return value.length < 2;
  return value.length === 0 || (value.length === 1 && value.charCodeAt(0) <= 0xff);
}

/** Writes the texts and bytes of one key. */
export class KeyTexts {
  private readonly writer: ByteWriter;
  private readonly groupOf: GroupOf | "copy" | undefined;
  /** The memo numbers of what another may be one object with. */
  private readonly texts = new Map<string, number>();
  private bytes: Map<string, number> | undefined;
  private names: Map<string, number> | undefined;

  /** `groupOf`: none makes all equal ones one object, `copy` none. */
  constructor(writer: ByteWriter, groupOf: GroupOf | "copy" | undefined) {
    this.writer = writer;
    this.groupOf = groupOf;
  }

  /** Writes a text, or a reference to the same object. */
  writeText(text: string): void {
    this.write(this.texts, text, text);
  }

  /** Writes bytes, or a reference to the same object. */
  writeBytes(data: Uint8Array): void {
    this.bytes ??= new Map();
    this.write(this.bytes, latin1(data), data);
  }

  private write(numbers: Map<string, number>, spelled: string, value: string | Uint8Array): void {
    const { groupOf } = this;
    let slot = spelled;
    if (groupOf !== undefined && !isSingle(value)) {
      if (groupOf === "copy") {
        this.writeNew(value);
        return;
      }
      slot = `${groupOf(contentOf(value))} ${spelled}`;
    }
    const known = numbers.get(slot);
    if (known === undefined) numbers.set(slot, this.writeNew(value));
    else this.writer.writeMemoRead(known);
  }

  /** Writes a name that is one object in all of Python, and with an equal text in the source of a program. */
  writeName(name: string): void {
    this.names ??= new Map();
    const named = this.names.get(name);
    const known = named ?? (this.groupOf === undefined ? this.texts.get(name) : undefined);
    if (known !== undefined) this.writer.writeMemoRead(known);
    if (named !== undefined) return;
    const number = known ?? this.writeNew(name);
    this.names.set(name, number);
    if (this.groupOf === undefined) this.texts.set(name, number);
  }

  /** Whether a text of the key may be one object with an equal one of Python's. */
  mayShare(text: string): boolean {
    return this.groupOf === undefined && this.texts.has(text);
  }

  private writeNew(value: string | Uint8Array): number {
    return typeof value === "string" ? this.writer.writeText(value) : this.writer.writeBytes(value);
  }
}
