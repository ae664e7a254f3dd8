import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pasteLines, shellQuote } from "./paste-lines.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "everdict it's a 'test' "));
});
afterAll(() => rm(directory, { recursive: true }));

/** What the variables are after the lines were pasted into a shell. */
function pasted(lines: readonly string[]): string {
  const script = [
    "set -a",
    ...lines,
    "set +a",
    "sh -c 'echo \"$MODAL_SERVER_URL $MODAL_TOKEN_ID $MODAL_TOKEN_SECRET $EVERDICT_URL\"'",
  ];
  return execFileSync("sh", ["-c", script.join("\n")], { encoding: "utf8" }).trim();
}

describe("pasteLines()", () => {
  test("shows a new secret as it is", () => {
    const lines = pasteLines("http://127.0.0.1:7227", { kind: "new", tokenId: "ak-1", tokenSecret: "as-2" });
    expect(lines).toEqual([
      "MODAL_SERVER_URL=http://127.0.0.1:7227",
      "MODAL_TOKEN_ID=ak-1",
      "MODAL_TOKEN_SECRET=as-2",
      "EVERDICT_URL=http://127.0.0.1:7227",
    ]);
    expect(pasted(lines)).toBe("http://127.0.0.1:7227 ak-1 as-2 http://127.0.0.1:7227");
  });

  test("reads an old secret from its file when pasted, whatever the file is called", async () => {
    const path = join(directory, "credentials");
    await writeFile(path, '[me]\ntoken_id = "ak-1"\ntoken_secret = "as-2"\nactive = true\n');
    const lines = pasteLines("http://h:1", { kind: "file", tokenId: "ak-1", path });
    expect(lines.join("\n")).not.toContain("as-2");
    expect(pasted(lines)).toBe("http://h:1 ak-1 as-2 http://h:1");
  });

  test("offers no token where there is none to offer", () => {
    expect(pasteLines("http://h:1", { kind: "none" })).toEqual([
      "MODAL_SERVER_URL=http://h:1",
      "EVERDICT_URL=http://h:1",
    ]);
  });
});

test.each(["/plain/path", "/with space", "/it's", '/$(rm) `x` "q" \\', "~/x"])(
  "shellQuote() keeps %s one word",
  (path) => {
    expect(execFileSync("sh", ["-c", `printf %s ${shellQuote(path)}`], { encoding: "utf8" })).toBe(path);
  },
);
