/** Stored bytes that cannot be read as a value: shown in its place, so that one of them hides no other. */
export class Undecodable {
  readonly bytes: Uint8Array;
  /** What the reader said. */
  readonly message: string;

  constructor(bytes: Uint8Array, message: string) {
    this.bytes = bytes;
    this.message = message;
  }
}
