/** Loads the program, or says in one line that too few files may be open to load it. */

import { isOpenFilesError, openFilesTrouble } from "./open-files.ts";

// What was to be said there cannot be said anywhere else. The status says what it says.
process.stderr.on("error", () => {});

try {
  await import("./main.ts");
} catch (error) {
  if (!isOpenFilesError(error)) throw error;
  const { message, hint } = openFilesTrouble();
  const text = process.argv.includes("--json")
    ? JSON.stringify({ error: { code: "cannot_start", message, hint } })
    : `error: ${message}\nhint: ${hint}`;
  process.stderr.write(`${text}\n`);
  // That of "no service", which is not loaded.
  process.exitCode = 3;
}
