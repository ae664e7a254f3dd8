import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { runInProcess } from "../test-support/run-in-process.ts";
import { outputFlags } from "./cli-context.ts";
import { createProgram } from "./program.ts";

const run = (...argv: string[]) => runInProcess(argv);

function allCommands(command: Command, path = "everdict"): [string, Command][] {
  const below = command.commands.flatMap((child) => allCommands(child, `${path} ${child.name()}`));
  return [[path, command], ...below];
}

const program = createProgram({
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  variables: {},
  json: false,
  debug: false,
  outcome: "ok",
});

describe("every command", () => {
  test.each(allCommands(program).map(([path]) => path))(
    "%s has help with an example that is its own",
    async (path) => {
      const { status, stdout, stderr } = await run(...path.split(" ").slice(1), "--help");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain(`Usage: ${path}`);
      expect(stdout).toMatch(new RegExp(`Examples?:\\n +(?:if )?${path}`));
    },
  );

  test.each(
    allCommands(program)
      .filter(([, command]) => command.commands.length === 0)
      .map(([path, command]) => [path, command] as const),
  )("%s takes --json and --debug", (_path, command) => {
    const flags = command.options.map((option) => option.long);
    expect(flags).toEqual(expect.arrayContaining(["--json", "--debug"]));
  });
});

describe("usage errors", () => {
  test.each([
    [["dcit"], "error: unknown command 'dcit'\nhint: Did you mean dict?\n"],
    [["dict", "gte", "a", "b"], "error: unknown command 'gte'\nhint: Did you mean get?\n"],
    [["dict", "get", "a", "b", "--jsn"], "error: unknown option '--jsn'\nhint: Did you mean --json?\n"],
    [
      ["--url", "http://localhost:7227", "dict", "list"],
      "error: unknown option '--url'\nhint: options follow the command, as in `everdict dict list --url URL`; --help shows them\n",
    ],
    [["dict", "get", "a"], "error: missing required argument 'key'\nhint: add --help to see the usage\n"],
    [["dict", "get", "a", "{", "--key-json"], "error: KEY is not JSON, see offset 1\n"],
    [
      ["dict", "clear", "a"],
      "error: this asks for confirmation, and standard input is not a terminal\nhint: add --yes to go ahead\n",
    ],
    [
      ["backup", "a", "-"],
      "error: FILE: Standard input and output cannot be used here. For a file or directory of that name write ./-\n",
    ],
    [
      ["dict", "create", "a", "--expiry", "1x"],
      "error: --expiry: '1x' is not a duration; use a whole number and a unit (ms, s, m, h, d, w), for instance 30d\n",
    ],
    [
      ["dict", "update", "a", "-f", ""],
      "error: --file: It is empty. For the current directory write a dot.\n",
    ],
    [
      ["dict", "items", "a", "it's"],
      "error: COUNT 'it's' is not a whole number from 0 to 9007199254740991\n",
    ],
    [["serve", "--log-format", "yaml"], "error: --log-format: Allowed choices are text, json.\n"],
    [["dict", "update", "a"], "error: give either KEY=VALUE arguments or --file\n"],
    [["dict", "update", "a", "b"], "error: 'b' is not KEY=VALUE\n"],
    [["dict", "update", "a", "b=c", "--file", "-"], "error: give either KEY=VALUE arguments or --file\n"],
    [["environment", "update", "a"], "error: nothing to change\nhint: give --set-name or --set-web-suffix\n"],
    ...[
      ["serve", "--data-dir", ""],
      ["serve", "--data-dir="],
      ["serve", "--memory", "--data-dir", ""],
      ["token", "list", "--data-dir", ""],
    ].map((argv): [string[], string] => [
      argv,
      "error: --data-dir: It is empty. For the current directory write a dot.\n",
    ]),
    ...[
      ["doctor", ""],
      ["backup", "", "b"],
      ["restore", "b", ""],
    ].map((argv): [string[], string] => [
      argv,
      "error: DIRECTORY: It is empty. For the current directory write a dot.\n",
    ]),
    ...[["--data-dir", "d"], ["--data-dir=."]].map((flags): [string[], string] => [
      ["serve", "--memory", ...flags],
      "error: --memory and --data-dir exclude each other: in memory nothing is kept\n" +
        "hint: leave out --memory to keep data in the directory\n",
    ]),
    [
      ["token", "list", "--data-dir", "/nowhere/at/all"],
      "error: cannot use data directory /nowhere/at/all: no such file or directory\nhint: say which with --data-dir\n",
    ],
  ])("%j", async (argv, stderr) => {
    expect(await run(...argv)).toEqual({ status: 2, stdout: "", stderr });
  });

  test.each([[[]], [["dict"]], [["environment"]], [["token"]]])(
    "%j alone shows its help on stderr",
    async (argv) => {
      const { status, stdout, stderr } = await run(...argv);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain("Commands:");
    },
  );

  test("are JSON with --json", async () => {
    const { status, stdout, stderr } = await run("dict", "get", "a", "--json");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "usage",
        message: "missing required argument 'key'",
        hint: "add --help to see the usage",
      },
    });
  });

  test("come with a stack only with --debug", async () => {
    expect((await run("dict", "get", "a", "{", "--key-json")).stderr).not.toContain("    at ");
    expect((await run("dict", "get", "a", "{", "--key-json", "--debug")).stderr).toContain("    at ");
  });
});

test("--version prints the version alone", async () => {
  expect(await run("--version")).toEqual({ status: 0, stdout: "0.1.0\n", stderr: "" });
});

test("what follows -- is never a flag", () => {
  expect(outputFlags(["dict", "get", "a", "--", "--json"], {})).toEqual({ json: false, debug: false });
  expect(outputFlags(["--json"], { EVERDICT_DEBUG: "1" })).toEqual({ json: true, debug: true });
});
