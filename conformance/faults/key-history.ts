/**
 * What one key may hold after a crash. Its single writer notes each operation before it is sent and again when it
 * is acknowledged; a crash leaves the last acknowledged state, or that of the one operation in flight.
 */
export class KeyHistory {
  /** The value by the last acknowledged operation; undefined if the key is absent. */
  acknowledged: number | undefined;
  #pending: { readonly value: number | undefined } | undefined;

  /** Notes that an operation which leaves `value` is about to be sent. */
  begin(value: number | undefined): void {
    this.#pending = { value };
  }

  /** Notes that the operation was acknowledged. */
  acknowledge(): void {
    this.acknowledged = this.#pending?.value;
    this.#pending = undefined;
  }

  /** Settles on what was read after the crash; false if that is neither state. */
  settle(read: number | undefined): boolean {
    const possible =
      read === this.acknowledged || (this.#pending !== undefined && read === this.#pending.value);
    this.acknowledged = read;
    this.#pending = undefined;
    return possible;
  }
}
