import { expect, test } from "vitest";
import { decodeManifest, SegmentSet } from "./segment-set.ts";

test("a segment whose removal is durable stays out of manifests when a full disk cuts the log back", () => {
  // Found by the simulation: the file was removed, and a manifest that listed it again made it a missing one.
  const segments = new SegmentSet("/data");
  const [first, second] = [segments.startNext(), segments.startNext()];
  first.bytes = 100;
  second.bytes = 200;
  const active = segments.startNext();
  first.listed = false;
  segments.startNext();
  segments.rewind(active, 32);
  expect(decodeManifest(segments.manifest(1).value as Buffer)).toEqual([{ number: 2, bytes: 200 }]);
  expect(segments.active).toBe(active);
});
