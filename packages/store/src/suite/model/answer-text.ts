import { createHash } from "node:crypto";
import { text } from "../bytes.ts";

const shownBytes = 24;

/** Awaits a call and writes its answer or error as text that is equal exactly for equal answers. */
export async function answerText(call: () => unknown): Promise<string> {
  return write(await answerOf(call));
}

/** Awaits a call; of an error of the table the text that stands for it. */
export async function answerOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // What is no expected failure is a fault of the store or of this suite, and must not pass for an answer.
    if (typeof code !== "string") throw error;
    return `error ${code}`;
  }
}

function write(answer: unknown): string {
  if (answer instanceof Uint8Array) return writeBytes(answer);
  if (Array.isArray(answer)) return `[${answer.map(write).join(", ")}]`;
  if (typeof answer !== "object" || answer === null) return String(answer);
  const properties = Object.entries(answer).filter(([, value]) => value !== undefined);
  const written = properties.map(([name, value]) => `${name}: ${write(value)}`);
  return `{ ${written.sort().join(", ")} }`;
}

function writeBytes(data: Uint8Array): string {
  if (data.length <= shownBytes) return JSON.stringify(text(data));
  return `${data.length} bytes, SHA-256 ${createHash("sha256").update(data).digest("hex").slice(0, 16)}`;
}
