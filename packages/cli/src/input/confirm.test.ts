import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { CliContext } from "../cli-context.ts";
import { CliError } from "../cli-error.ts";
import { confirm } from "./confirm.ts";

function contextWith(
  input: string | undefined,
  isTTY: boolean,
): { context: CliContext; shown: () => string } {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(input);
  const stderr = new PassThrough();
  const stdout = new PassThrough();
  const context: CliContext = {
    stdin,
    stdout,
    stderr,
    variables: {},
    json: false,
    debug: false,
    outcome: "ok",
  };
  return { context, shown: () => String(stderr.read() ?? "") };
}

describe("confirm()", () => {
  test.each(["y\n", "Y\n", "yes\n", " yes \n", "YES\r\n"])("goes ahead on %j", async (answer) => {
    const { context, shown } = contextWith(answer, true);
    await confirm(context, "Delete it?", undefined);
    expect(shown()).toBe("Delete it? [y/N] ");
  });

  test.each(["n\n", "\n", "no\n", "yess\n", "", "maybe\ny\n"])("aborts on %j", async (answer) => {
    const { context } = contextWith(answer, true);
    const error: unknown = await confirm(context, "Delete it?", undefined).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ reason: "no", code: "aborted" });
  });

  test("does not ask when told to go ahead", async () => {
    const { context, shown } = contextWith("", false);
    await confirm(context, "Delete it?", true);
    expect(shown()).toBe("");
  });

  test("refuses without a terminal, rather than guess", async () => {
    const { context, shown } = contextWith("y\n", false);
    await expect(confirm(context, "Delete it?", undefined)).rejects.toMatchObject({
      reason: "usage",
      hint: "add --yes to go ahead",
    });
    expect(shown()).toBe("");
  });
});
