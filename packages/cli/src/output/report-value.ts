import { decodeShownValue, escapeControls, formatValue, Undecodable } from "@everdict/pickle/show";
import type { CliContext } from "../cli-context.ts";
import { CliError } from "../cli-error.ts";
import type { ExitReason } from "../exit-codes.ts";
import { toJsonText } from "../values/to-json-text.ts";
import { writeOut } from "./write-out.ts";

/**
 * Prints the value that stored bytes stand for, or `defaultText` if there are none.
 *
 * A text is printed as it is, so that it can be piped on; only a terminal gets its control characters escaped. A
 * value that cannot be decoded is shown as such, its opcodes are listed on standard error, and the command fails.
 *
 * @throws {CliError} reason `no` if there are no bytes and no default
 */
export async function reportValue(
  context: CliContext,
  bytes: Uint8Array | undefined,
  defaultText: string | undefined,
): Promise<ExitReason> {
  const value = bytes === undefined ? (defaultText ?? keyIsAbsent()) : decodeShownValue(bytes);
  await writeOut(context.stdout, `${context.json ? toJsonText(value) : shownText(context, value)}\n`);
  if (!(value instanceof Undecodable)) return "ok";
  if (!context.json) context.stderr.write(value.listing());
  return "failed";
}

/** @throws {CliError} reason `no` */
export function keyIsAbsent(): never {
  throw new CliError("no", "the key is absent", { code: "key_not_found" });
}

function shownText(context: CliContext, value: unknown): string {
  if (typeof value !== "string") return formatValue(value);
  return context.stdout.isTTY === true ? escapeControls(value, "\n\t") : value;
}
