import { PyGlobal, PyObject } from "../values/py-object.ts";
import { isInteger, type TypeRule } from "./type-rule.ts";

const uuidClass = new PyGlobal("uuid", "UUID");
const UUID_MAX = 2n ** 128n - 1n;

/** A Python `uuid.UUID`. */
export class PyUuid {
  /** In the usual form, lower case: `12345678-1234-5678-1234-567812345678`. */
  readonly value: string;
  /** Python's `is_safe` where it is known: 0 safe, -1 unsafe. */
  readonly isSafe: number | undefined;

  /** @throws {TypeError} if the text does not hold 32 hexadecimal digits */
  constructor(value: string, isSafe?: number) {
    const digits = value.replaceAll("-", "").toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(digits)) throw new TypeError("a UUID has 32 hexadecimal digits");
    const part = (from: number, to: number): string => digits.slice(from, to);
    this.value = `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
    this.isSafe = isSafe;
  }

  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }
}

/** `PyUuid` and UUID: an instance whose state holds the number. */
export const uuidRule: TypeRule = {
  typescript: "`PyUuid`",
  python: "`uuid.UUID`",
  classes: [PyUuid],
  reduce: ({ value, isSafe }: PyUuid) => {
    const int = BigInt(`0x${value.replaceAll("-", "")}`);
    const state = isSafe === undefined ? { int } : { int, is_safe: isSafe };
    return new PyObject({ callable: uuidClass, construction: "new", state });
  },
  costBytes: 200,
  completed: {
    "uuid.UUID": ({ args, construction, state }) => {
      if (construction !== "new" || args.length > 0 || typeof state !== "object" || state === null)
        return undefined;
      // One by one, as the state may be large and shared by many.
      for (const name in state) if (name !== "int" && name !== "is_safe") return undefined;
      const { int, is_safe: isSafe } = state as Record<string, unknown>;
      if (!isInteger(int) || int < 0 || int > UUID_MAX) return undefined;
      if (isSafe !== undefined && typeof isSafe !== "number") return undefined;
      return new PyUuid(int.toString(16).padStart(32, "0"), isSafe);
    },
  },
};
