import { formatDuration } from "@everdict/protocol";
import { expect, test } from "vitest";
import { parseDurationMs } from "./parse-duration.ts";

test.each(["1ms", "1500ms", "90s", "2m", "36h", "30d"])("%s is written as it is read", (text) => {
  expect(formatDuration(parseDurationMs(text))).toBe(text);
});
