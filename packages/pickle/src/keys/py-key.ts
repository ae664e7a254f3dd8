import { decode } from "../decode/decode.ts";
import { PyObject } from "../values/py-object.ts";
import { inspectHook } from "../values/shown.ts";
import { hexOf } from "../wire/hex-of.ts";
import { rememberKey } from "./key-bytes.ts";
import { keyText } from "./key-text.ts";

const unread = Symbol("unread");

/**
 * A key by its bytes. `keys()`, `items()` and `for await` give it for a key that only Python can build, such as a member of
 * an enum or an instance of a dataclass, and for one that Python wrote in an unusual way.
 *
 * It addresses exactly the entry that it was read from, in `get`, `contains`, `pop`, `put` and `update`, also in another
 * dictionary. As part of a value it is written as what it stands for. It cannot be part of another key.
 *
 * Each listing makes new objects. To find a key again, compare its text, which is short and on one line, or its `hex`,
 * which no other key has.
 *
 * @example
 * for await (const key of colors.keys())
 *   if (String(key) === "paint.Color('red')") console.log(await colors.get(key));
 */
export class PyKey {
  /** Its bytes in hexadecimal: what tells it from every other key, in a `Map` too, and what the command's `--key-raw` takes. */
  readonly hex: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #value: unknown;

  /**
   * The key of these bytes: a pickle, as `bytes` or {@link encodeKey} gives it. They are copied.
   *
   * @throws {TypeError} if they are no Uint8Array
   */
  constructor(bytes: Uint8Array, value: unknown = unread) {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a PyKey is made from the bytes of a key");
    this.#bytes = Uint8Array.from(bytes);
    this.#value = value;
    this.hex = hexOf(bytes);
    rememberKey(this, this.#bytes);
    Object.freeze(this);
  }

  /** A copy of the key's bytes, which are what a dictionary compares. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice();
  }

  /**
   * What the key stands for: a {@link PyObject} that shows arguments and state, or a primitive value.
   *
   * @throws {DeserializationError} if the bytes are not a pickle
   */
  get value(): unknown {
    if (this.#value === unread) this.#value = decode(this.#bytes, { floats: "exact" });
    return this.#value;
  }

  /** The module of its class, if it is an instance of one. */
  get module(): string | undefined {
    return this.value instanceof PyObject ? this.value.module : undefined;
  }

  /** The qualified name of its class, if it is an instance of one. */
  get name(): string | undefined {
    return this.value instanceof PyObject ? this.value.name : undefined;
  }

  /** The key in a line, nearly as Python shows it: `paint.Color('red')`, `shapes.Point(x=1, y=2)`. */
  toString(): string {
    try {
      return keyText(this.value);
    } catch {
      return `<a key of ${this.#bytes.length} bytes that cannot be read>`;
    }
  }

  toJSON(): string {
    return this.toString();
  }

  [inspectHook](): string {
    return `PyKey ${this.toString()}`;
  }
}
