import { encodeKey } from "@everdict/pickle";
import { fromBase64Url, toBase64Url } from "@everdict/protocol";
import { expect, test } from "vitest";
import { keyText, keyWords, typedKey } from "./key-bytes.ts";

const keys = ["", "job-1", "<b>&\u202e", 7, null, ["user", 42], new Uint8Array([0, 255, 254])];

test.each(keys)("%j is the same key after it was in an address", (key) => {
  const bytes = encodeKey(key);
  const address = toBase64Url(bytes);
  expect(address).toMatch(/^[\w-]+$/);
  expect(fromBase64Url(address)).toEqual(bytes);
});

test("an address that holds no bytes has no key", () => {
  expect(fromBase64Url("%%%")).toBeUndefined();
});

test("what is typed is a text, or JSON where that is said", () => {
  expect(typedKey("7", false)).toEqual(encodeKey("7"));
  expect(typedKey("7", true)).toEqual(encodeKey(7));
  expect(typedKey('["user", 42]', true)).toEqual(encodeKey(["user", 42]));
  expect(() => typedKey("[", true)).toThrow(SyntaxError);
  expect(() => typedKey("{}", true)).toThrow();
});

test("a key is shown as the command prints it, and named as the command takes it", () => {
  expect(keyText(encodeKey(["user", 42]))).toBe('("user", 42)');
  expect(keyWords(encodeKey("job-1"))).toEqual(["job-1"]);
  expect(keyWords(encodeKey(7))).toEqual(["--key-raw", "80044b072e"]);
});
