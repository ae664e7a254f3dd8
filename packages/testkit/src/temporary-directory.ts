import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty directory, removed with its content when disposed. */
export interface TemporaryDirectory extends Disposable {
  readonly path: string;
}

/**
 * Makes a new empty directory.
 *
 * @example using directory = temporaryDirectory();
 */
export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), "everdict-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
