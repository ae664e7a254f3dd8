// What is damaged in the damage matrix, and how.
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";

const pageBytes = 4096;

/** Kinds of files: how each is called, and which of the names in a directory it is. */
export const fileKinds = [
  ["a sealed segment", (names) => segments(names)[1]],
  ["the last segment", (names) => segments(names).at(-1)],
  ["the hint of a sealed segment", (names) => hints(names)[1]],
  ["the hint of the last segment", (names) => hints(names)[segments(names).length - 1]],
  ["`last-segment`", (names) => names.find((name) => name === "last-segment")],
  ["`tokens.json`", (names) => names.find((name) => name === "tokens.json")],
  ["`credentials`", (names) => names.find((name) => name === "credentials")],
  ["`key-secret`", (names) => names.find((name) => name === "key-secret")],
  ["`reserve`", (names) => names.find((name) => name === "reserve")],
  ["the owner's lock", (names) => names.find((name) => /^owner\..*\.lock$/.test(name))],
  ["a file that is not Everdict's", (names) => names.find((name) => name === "notes.txt")],
];

/** Kinds of damage. */
export const damages = [
  ["header", (path) => flip(path, () => 1)],
  ["middle", (path) => flip(path, (bytes) => bytes >> 1)],
  ["last byte", (path) => flip(path, (bytes) => bytes - 1)],
  ["half", (path) => truncateSync(path, readFileSync(path).length >> 1)],
  ["emptied", (path) => truncateSync(path, 0)],
  ["removed", (path) => rmSync(path)],
  ["zeroed page", zeroPage],
  ["garbage appended", (path) => appendFileSync(path, Buffer.alloc(100, 0xa5))],
];

const segments = (names) => names.filter((name) => name.endsWith(".segment")).sort();
const hints = (names) => names.filter((name) => name.endsWith(".hint")).sort();

function flip(path, place) {
  const bytes = readFileSync(path);
  bytes[place(bytes.length)] ^= 1;
  writeFileSync(path, bytes);
}

/** The second page, or all of a file that has no second one. */
function zeroPage(path) {
  const bytes = readFileSync(path);
  bytes.fill(0, bytes.length > 2 * pageBytes ? pageBytes : 0, Math.min(bytes.length, 2 * pageBytes));
  writeFileSync(path, bytes);
}
