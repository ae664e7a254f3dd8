import type { Version } from "./commit.ts";
import { createError } from "./errors.ts";

/** How long a version is in frames and messages, in bytes. */
export const versionBytesLength = 8;

const versionForm = /^[0-9a-f]{16}$/;
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Whether a text is a version: 16 hexadecimal digits in lower case. */
export function isVersion(text: unknown): text is Version {
  return typeof text === "string" && versionForm.test(text);
}

/** The bytes of a version, as it travels. @throws `invalid_argument` for a text that is no version */
export function versionBytes(version: Version): Uint8Array {
  if (!isVersion(version)) throw noVersion(`a version of ${String(version).length} characters`, "16");
  const bytes = new Uint8Array(versionBytesLength);
  setWord(bytes, 0, Number.parseInt(version.slice(0, 8), 16));
  setWord(bytes, 4, Number.parseInt(version.slice(8), 16));
  return bytes;
}

/** The version that travels as these bytes. @throws `invalid_argument` unless they are 8 */
export function versionFromBytes(bytes: Uint8Array): Version {
  if (bytes.length !== versionBytesLength) throw noVersion(`a version of ${bytes.length} bytes`, "8");
  let version = "";
  for (const byte of bytes) version += hexOfByte[byte];
  return version;
}

function setWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

function noVersion(what: string, wanted: string) {
  return createError("invalid_argument", `${what}, where a version has ${wanted}`);
}
