import { decodeShownValue } from "@everdict/pickle/show";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";
import type { ExitReason } from "../exit-codes.ts";
import { pythonClass } from "../values/python-class.ts";
import { keyIsAbsent } from "./report-value.ts";
import { writeOut } from "./write-out.ts";

/** @throws {CliError} if the bytes would go to a terminal, which they could drive */
export function requireNoTerminal({ stdout }: CliContext): void {
  if (stdout.isTTY !== true) return;
  throw usageError("bytes are not written to a terminal", "redirect them, `> FILE`, or leave out --bytes");
}

/**
 * Writes the bytes that a value is, or the bytes of `defaultText` if there is no value: nothing else, and no newline.
 *
 * @throws {CliError} reason `no` if there is neither; `usage` if the value is no bytes
 */
export async function reportBytes(
  context: CliContext,
  pickle: Uint8Array | undefined,
  defaultText: string | undefined,
): Promise<ExitReason> {
  const value = pickle === undefined ? Buffer.from(defaultText ?? keyIsAbsent()) : decodeShownValue(pickle);
  if (!(value instanceof Uint8Array || value instanceof ArrayBuffer)) {
    throw usageError(
      `the value is no bytes, its class is ${pythonClass(value)}`,
      "leave out --bytes to print it",
    );
  }
  await writeOut(context.stdout, value instanceof ArrayBuffer ? new Uint8Array(value) : value);
  return "ok";
}
