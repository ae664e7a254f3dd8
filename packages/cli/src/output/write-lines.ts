import type { CliOutput } from "../cli-context.ts";
import { writeOut } from "./write-out.ts";

// Lines travel in chunks of about this many characters: a write per line would cost more than making it.
const chunkMaxLength = 64 * 1024;

/** Prints lines of text while they are still arriving. Lines must hold no newline. */
export async function writeLines(output: CliOutput, lines: AsyncIterable<string>): Promise<void> {
  let chunk = "";
  try {
    for await (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < chunkMaxLength) continue;
      const written = await writeOut(output, chunk);
      chunk = "";
      if (!written) return;
    }
  } finally {
    if (chunk !== "") await writeOut(output, chunk);
  }
}
