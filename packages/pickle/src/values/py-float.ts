/**
 * A Python `float`, for numbers that JavaScript cannot tell from an integer: `1` is an int to Python,
 * `new PyFloat(1)` is `1.0`.
 *
 * Usable in keys and values; {@link decode} gives it for integral floats with `floats: "exact"`, and
 * {@link decodeKey} always, so that a key that was read finds its entry again. Arithmetic and comparison work
 * through `valueOf`.
 *
 * @example encodeKey(["price", new PyFloat(2)]) // the key ("price", 2.0)
 */
export class PyFloat {
  /** The number itself. */
  readonly value: number;

  constructor(value: number) {
    this.value = value;
    Object.freeze(this);
  }

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value);
  }

  toJSON(): number {
    return this.value;
  }
}
