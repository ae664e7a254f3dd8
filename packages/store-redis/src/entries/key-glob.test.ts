import type { KeyPattern } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { keyGlob } from "./key-glob.ts";

const part = (offset: number, text: string) => ({ offset, bytes: Buffer.from(text, "latin1") });

describe("a glob for keys", () => {
  test.each<[string, readonly KeyPattern[] | undefined, string]>([
    ["lets all pass without patterns", undefined, "k*"],
    ["lets all pass where a pattern asks for nothing", [[part(0, "abc")], []], "k*"],
    ["has the bytes of a pattern, and any between them", [[part(4, "cd"), part(0, "ab")]], "kab??cd*"],
    ["has what patterns agree on, as far as the shortest", [[part(1, "abcd")], [part(1, "axc")]], "k?a?c*"],
    ["takes special bytes for themselves", [[part(0, "*?[a]\\^-")]], "k\\*\\?\\[a\\]\\\\^-*"],
  ])("%s", (_, patterns, glob) => {
    expect(keyGlob(patterns).toString("latin1")).toBe(glob);
  });

  test("is of limited length, however far behind in the key the bytes are", () => {
    expect(keyGlob([[part(200_000, "a")]]).toString("latin1")).toBe(`k${"?".repeat(512)}*`);
  });
});
