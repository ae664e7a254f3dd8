import { disassemble } from "@everdict/pickle";
import { decodeShownValue, escapeControls, formatValue, Undecodable } from "@everdict/pickle/show";
import { countText } from "../parts/numbers.ts";
import { hexLines } from "./hex-lines.ts";
import { editableText } from "./stored-entry.ts";

/** The ways to look at a value. */
export const forms = [
  ["value", "Value"],
  ["json", "JSON"],
  ["hex", "Hex"],
  ["pickle", "Pickle"],
] as const;

/** The name of a way to look at a value. */
export type Form = (typeof forms)[number][0];

/** What is shown of a value: a bounded part, so that no value holds the page up. */
const textMaxLength = 50_000;
const hexMaxBytes = 16 * 1024;
const opcodesMax = 1_000;
const argumentMaxLength = 200;
/** A larger value is not decoded in the page: hex and opcodes show it. */
const decodedMaxBytes = 4 * 1024 * 1024;

/** A value in one form. Nothing of it is executed. */
export function valueText(value: Uint8Array, form: Form): string {
  if (form === "hex") return cutNote(hexLines(value, hexMaxBytes), value.length, hexMaxBytes, "bytes");
  if (form === "pickle") {
    const text = disassemble(value.subarray(0, decodedMaxBytes), { opcodesMax, argumentMaxLength });
    return escapeControls(text, "\n");
  }
  if (value.length > decodedMaxBytes) {
    return `This value has ${countText(value.length)} bytes. It is decoded up to ${countText(decodedMaxBytes)}; Hex and Pickle show how it begins.`;
  }
  if (form === "json") return cut(editableText(value) ?? noJson);
  const read = decodeShownValue(value);
  if (read instanceof Undecodable) return `This value cannot be read: ${escapeControls(read.message)}`;
  return cut(
    typeof read === "string" ? escapeControls(read, "\n") : formatValue(read, { maxLength: textMaxLength }),
  );
}

const noJson =
  "JSON cannot say all that this value holds, such as tuples, bytes, large integers or instances of classes.";

function cut(text: string): string {
  return cutNote(text.slice(0, textMaxLength), text.length, textMaxLength, "characters");
}

function cutNote(text: string, length: number, max: number, unit: string): string {
  return length <= max ? text : `${text}\n… ${countText(length - max)} more ${unit}`;
}
