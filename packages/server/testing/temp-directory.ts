import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is removed at the end of the scope. */
export class TempDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "everdict-test-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
