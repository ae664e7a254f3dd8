/**
 * Entries for `dict update`, in any of the shapes that programs write:
 *
 * - an object: its properties are the entries;
 * - an array of `[key, value]` pairs or of `{"key": …, "value": …}` objects, as `dict items --json` prints;
 * - JSON lines: such a pair or object on each line, read one at a time, so that a file may be larger than memory.
 *
 * The tags of the JSON form hold everywhere.
 */

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { DictKey } from "everdict";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";
import { parseJson } from "../values/parse-json.ts";
import { inputName, readText, readTextPieces } from "./read-text.ts";

/** A key with its value. A value that is no key is refused where it is encoded. */
export type KeyValue = readonly [DictKey, unknown];

/** Reads entries from a file or, for `-`, from standard input; `lines` says that it holds JSON lines. */
export async function* readEntries(
  context: CliContext,
  path: string,
  lines: boolean,
): AsyncGenerator<KeyValue> {
  const what = inputName(path);
  if (lines) {
    yield* readLines(context, path, what);
    return;
  }
  const json = parseJson(await readText(context, path), what);
  if (Array.isArray(json)) {
    // All entries are read before the first is sent, so a malformed file changes nothing.
    yield* json.map((element, index) => toEntry(element, `${what}, element ${index}`));
  } else if (json instanceof Map || isObject(json)) {
    yield* json instanceof Map ? (json as ReadonlyMap<DictKey, unknown>) : Object.entries(json);
  } else {
    throw usageError(`${what} is neither an object nor an array of entries`, entriesHint);
  }
}

const entriesHint = 'entries are {"key": value, …}, [[key, value], …] or [{"key": …, "value": …}, …]';

async function* readLines(context: CliContext, path: string, what: string): AsyncGenerator<KeyValue> {
  const input = Readable.from(readTextPieces(context, path));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let lineNumber = 0;
  try {
    for await (const line of lines) {
      lineNumber += 1;
      if (line.trim() === "") continue;
      const place = `${what}, line ${lineNumber}`;
      yield toEntry(parseJson(line, place), place);
    }
  } finally {
    lines.close();
  }
}

function toEntry(json: unknown, place: string): KeyValue {
  if (Array.isArray(json) && json.length === 2) return [json[0] as DictKey, json[1]];
  if (isObject(json) && "key" in json && "value" in json && Object.keys(json).length === 2) {
    return [json.key as DictKey, json.value];
  }
  throw usageError(`${place} is not an entry`, entriesHint);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && Object.getPrototypeOf(json) === Object.prototype;
}
