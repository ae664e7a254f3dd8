import assert from "node:assert/strict";
import type { ErrorCode } from "@everdict/protocol";

/** Asserts that a call throws or rejects with an error of that code. */
export async function rejectsWith(code: ErrorCode, call: () => unknown): Promise<void> {
  await assert.rejects(
    async () => await call(),
    (error: unknown) => {
      assert.equal((error as { code?: unknown }).code, code, `expected ${code}, got ${String(error)}`);
      return true;
    },
  );
}
