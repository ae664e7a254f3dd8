import type { CliOutput } from "../cli-context.ts";
import { writeOut } from "./write-out.ts";

// Chunks of about this many characters go to the stream at once: a write per entry would cost more than encoding.
const chunkMaxLength = 64 * 1024;

/** Prints one JSON document, indented by two spaces, with a newline after it. */
export async function writeJson(output: CliOutput, value: unknown): Promise<void> {
  await writeOut(output, `${JSON.stringify(value, undefined, 2)}\n`);
}

/**
 * Prints an array, one element a line, while its elements (JSON texts of one line) are still arriving.
 *
 * If `texts` fails, the array stays open: a reader sees that it is not complete.
 */
export async function writeJsonArray(output: CliOutput, texts: AsyncIterable<string>): Promise<void> {
  let chunk = "[";
  let separator = "\n";
  try {
    for await (const text of texts) {
      chunk += `${separator}  ${text}`;
      separator = ",\n";
      if (chunk.length < chunkMaxLength) continue;
      const written = await writeOut(output, chunk);
      chunk = "";
      if (!written) return;
    }
    chunk += separator === "\n" ? "]\n" : "\n]\n";
  } finally {
    if (chunk !== "") await writeOut(output, chunk);
  }
}
