import type { CliOutput } from "../cli-context.ts";

/**
 * Writes text or bytes and waits until it is taken, so that memory stays flat however much is printed and however slow the reader
 * is.
 *
 * @returns whether it was written: if not, nothing more can be. Why is told by the stream itself (see main.ts), so that a
 *   command whose answer nobody reads still ends with the status of that answer.
 */
export async function writeOut(output: CliOutput, content: string | Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    output.write(content, (error) => resolve(!error));
  });
}
