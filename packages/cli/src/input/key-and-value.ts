import { encodeKey, otherKeyForms, type PyKey, SerializationError } from "@everdict/pickle";
import { type Command, Option } from "commander";
import type { DictKey } from "everdict";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";
import { readKeyHex } from "../values/from-json-form.ts";
import { parseJson } from "../values/parse-json.ts";
import { readBytes, readText } from "./read-text.ts";

/** How KEY is to be read. */
export interface KeyOptions {
  readonly keyJson?: boolean;
  readonly keyRaw?: boolean;
}

/** How VALUE is to be read. */
export interface ValueOptions {
  readonly valueJson?: boolean;
  readonly bytes?: boolean;
}

/** Adds the option that makes KEY other than a string. */
export function addKeyOption(command: Command): Command {
  return command
    .option("--key-json", "KEY is JSON: a number, true, false, null, or an array, which is a tuple in Python")
    .addOption(
      new Option(
        "--key-raw",
        "KEY is the bytes of a key in hexadecimal, as `dict keys --raw` prints them: for keys of Python's classes",
      ).conflicts("keyJson"),
    );
}

/** Adds the options that make VALUE other than a string. */
export function addValueOptions(command: Command): Command {
  return command
    .option("--value-json", "VALUE is JSON (default: the text as it stands)")
    .addOption(
      new Option("--bytes", "VALUE is a file, or - for standard input: store its bytes").conflicts(
        "valueJson",
      ),
    );
}

/** The key that the argument stands for: the text itself, or its JSON, or its bytes. */
export function readKey(text: string, options: KeyOptions): DictKey {
  if (options.keyRaw === true) return readRawKey(text);
  // JSON that is no key is refused where it is encoded.
  return options.keyJson === true ? (parseJson(text, "KEY") as DictKey) : text;
}

function readRawKey(text: string): PyKey {
  const key = readKeyHex(text);
  if (key !== undefined) return key;
  throw usageError("KEY is not hexadecimal", "`everdict dict keys NAME --raw` prints keys in this form");
}

/** The bytes of the key that the argument stands for, and its other forms. @throws {CliError} if it cannot be a key */
export function readKeyForms(text: string, options: KeyOptions): readonly Uint8Array[] {
  const key = readKey(text, options);
  try {
    return [encodeKey(key), ...otherKeyForms(key)];
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    throw usageError(`KEY cannot be a key: ${error.message}`, keyHint);
  }
}

/** What is stored under the first form of a key that exists. */
export async function firstFound<Found>(
  forms: readonly Uint8Array[],
  find: (form: Uint8Array) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  for (const form of forms) {
    const found = await find(form);
    if (found !== undefined) return found;
  }
  return undefined;
}

const keyHint =
  "keys are strings, numbers, booleans, null, bytes, and arrays of them; others are given with --key-raw";

/** The value that the argument stands for; `-` takes all of standard input. */
export async function readValue(
  context: CliContext,
  text: string,
  { valueJson, bytes }: ValueOptions,
): Promise<unknown> {
  if (bytes === true) {
    if (text === "") throw usageError("VALUE is empty, with --bytes it names a file");
    return readBytes(context, text);
  }
  const binaryHint = "save it as UTF-8, or store it as it is with --bytes";
  const content = text === "-" ? await readText(context, "-", binaryHint) : text;
  return valueJson === true ? parseJson(content, "VALUE") : content;
}
