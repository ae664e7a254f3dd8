import { createInterface } from "node:readline";
import type { CliContext } from "../cli-context.ts";
import { CliError, usageError } from "../cli-error.ts";

/**
 * Asks before something is destroyed. The default is no, and so is the end of input. Without a terminal there is nobody
 * to ask, so the command refuses.
 *
 * @throws {CliError} if the answer is not yes
 */
export async function confirm(
  context: CliContext,
  question: string,
  assumeYes: boolean | undefined,
): Promise<void> {
  if (assumeYes === true) return;
  if (context.stdin.isTTY !== true) {
    throw usageError(
      "this asks for confirmation, and standard input is not a terminal",
      "add --yes to go ahead",
    );
  }
  // On stderr, so that stdout holds results only.
  context.stderr.write(`${question} [y/N] `);
  const answer = await readLine(context);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CliError("no", "aborted, nothing was changed", { code: "aborted" });
}

/** The next line of input, or nothing at its end. */
async function readLine(context: CliContext): Promise<string> {
  const lines = createInterface({ input: context.stdin, terminal: false });
  try {
    for await (const line of lines) return line;
    context.stderr.write("\n");
    return "";
  } finally {
    lines.close();
  }
}
