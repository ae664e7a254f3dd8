import { once } from "node:events";
import type { CliOutput } from "../cli-context.ts";

/**
 * Writes text and waits while the reader is slower than we are, so that memory stays flat however much is
 * printed.
 */
export async function writeOut(output: CliOutput, text: string): Promise<void> {
  if (output.write(text)) return;
  await once(output, "drain");
}
