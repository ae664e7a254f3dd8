import assert from "node:assert/strict";

/** Asserts that bytes are equal, quickly: `deepEqual` takes seconds over megabytes, and their dump tells nothing. */
export function assertSameBytes(actual: Uint8Array | undefined, expected: Uint8Array): void {
  assert.equal(actual?.length, expected.length);
  assert.ok(Buffer.compare(actual!, expected) === 0, `${expected.length} bytes came back changed`);
}
