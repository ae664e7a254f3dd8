import { disassemble } from "./disassemble.ts";
import { escapeControls } from "./escape-controls.ts";

const listedMax = 100;
const argumentMaxLength = 40;

/**
 * Stored bytes that cannot be read as a value. They are shown in place of the value, so that they hide no other value.
 */
export class Undecodable {
  readonly bytes: Uint8Array;
  /** The reader's message. */
  readonly message: string;

  constructor(bytes: Uint8Array, message: string) {
    this.bytes = bytes;
    this.message = message;
  }

  /** The pickle's opcodes as far as they make sense, a line each, for who wants to know what is wrong with it. */
  listing(): string {
    const text = disassemble(this.bytes, { opcodesMax: listedMax, argumentMaxLength });
    return escapeControls(text, "\n");
  }
}
