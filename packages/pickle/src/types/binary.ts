import { PyGlobal } from "../values/py-object.ts";
import { pyCall, type TypeRule } from "./type-rule.ts";

const bytearrayClass = new PyGlobal("builtins", "bytearray");

/** `ArrayBuffer` and bytearray, and the calls by which old protocols write bytes. */
export const bytearrayRule: TypeRule = {
  typescript: "`ArrayBuffer`",
  python: "`bytearray`",
  classes: [ArrayBuffer],
  unhashable: true,
  reduce: (value: ArrayBuffer) =>
    value.byteLength === 0 ? pyCall(bytearrayClass) : pyCall(bytearrayClass, new Uint8Array(value)),
  calls: {
    "builtins.bytearray": readBytearray,
    "builtins.bytes": (args) => (args.length === 0 ? new Uint8Array(0) : undefined),
    "_codecs.encode": encodedBytes,
  },
};

/** `bytearray(b"…")`, or in protocols 0 to 2 `bytearray("…", "latin-1")`. */
function readBytearray(args: readonly unknown[]): ArrayBuffer | undefined {
  if (args.length === 0) return new ArrayBuffer(0);
  const [data] = args;
  const bytes = data instanceof Uint8Array && args.length === 1 ? data : encodedBytes(args);
  return bytes?.slice().buffer as ArrayBuffer | undefined;
}

/** `_codecs.encode("…", "latin1")`, as protocols 0 to 2 write bytes. */
function encodedBytes(args: readonly unknown[]): Uint8Array | undefined {
  const [text, encoding] = args;
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1")) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0xff) return undefined;
    bytes[index] = unit;
  }
  return bytes;
}
