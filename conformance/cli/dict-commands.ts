import { Dict } from "everdict";
import { expect } from "vitest";
import { collect } from "../interop/collect.ts";
import type { CommandCase, CommandContext } from "./command-case.ts";

const expectContent =
  (...pairs: [unknown, unknown][]) =>
  async ({ client, dict }: CommandContext): Promise<void> => {
    const held = await collect(Dict.fromName(dict, { client }).items());
    expect(new Map(held)).toEqual(new Map(pairs));
  };

async function expectAbsent({ client, dict }: CommandContext): Promise<void> {
  await expect(Dict.fromName(dict, { client }).len()).rejects.toMatchObject({ code: "dict_not_found" });
}

/** Each subcommand of `modal dict`. */
export const dictCommands: readonly CommandCase[] = [
  {
    name: "dict create makes a dict",
    args: ["dict", "create", "FRESH"],
    exitCode: 0,
    stdout: "",
    typescript: async ({ client, dict }) => {
      expect(await Dict.fromName(`${dict}-fresh`, { client }).len()).toBe(0);
    },
  },
  {
    name: "dict create of an existing dict leaves it as it is",
    given: [["a", 1]],
    args: ["dict", "create", "DICT"],
    exitCode: 0,
    stdout: "",
    typescript: expectContent(["a", 1]),
  },
  {
    name: "dict create in an environment",
    environment: true,
    args: ["dict", "create", "FRESH", "-e", "ENV"],
    exitCode: 0,
    stdout: "",
    typescript: async ({ client, dict, environment }) => {
      expect(await Dict.fromName(`${dict}-fresh`, { client, environment }).len()).toBe(0);
      await expect(Dict.fromName(`${dict}-fresh`, { client }).len()).rejects.toMatchObject({
        code: "dict_not_found",
      });
    },
  },
  {
    name: "dict create refuses a bad name",
    args: ["dict", "create", "bad name"],
    exitCode: 1,
    stdout: "",
    stderr: /Error.*Invalid Dict name: 'bad name'/s,
    typescript: async ({ client }) => {
      expect(() => Dict.fromName("bad name", { client })).toThrow(/^Invalid Dict name: 'bad name'/);
    },
  },
  {
    name: "dict list --json lists name, time and creator",
    from: "newest",
    environment: true,
    args: ["dict", "list", "--json"],
    exitCode: 0,
    stdout: /"name": "DICT",\s+"created_at": "\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00",\s+"created_by": "\S+"/,
    typescript: async ({ client, dict, stdout }) => {
      const listed = JSON.parse(stdout) as { name: string; created_by: string }[];
      const info = await Dict.fromName(dict, { client }).info();
      expect(listed.find((each) => each.name === dict)?.created_by).toBe(info.createdBy);
    },
  },
  {
    name: "dict list --json lists name and time",
    until: "v1.0",
    args: ["dict", "list", "--json"],
    exitCode: 0,
    stdout: /"Name": "DICT",\s+"Created at": "\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00"/,
    typescript: expectContent(),
  },
  {
    name: "dict list draws a table",
    environment: true,
    args: ["dict", "list"],
    exitCode: 0,
    stdout: /Name\s+┃ Created at.*│ DICT\s+│ \d{4}-\d\d-\d\d \d\d:\d\d UTC/s,
    typescript: expectContent(),
  },
  {
    name: "dict list of an empty environment is an empty table",
    environment: true,
    args: ["dict", "list", "-e", "ENV", "--json"],
    exitCode: 0,
    stdout: "[]\n",
    typescript: async ({ client, environment }) => {
      expect(await Dict.objects.list({ client, environment })).toEqual([]);
    },
  },
  {
    name: "dict list of an unknown environment fails",
    args: ["dict", "list", "-e", "no-such-environment"],
    exitCode: 1,
    stdout: "",
    stderr: /[Ee]nvironment.*'no-such-environment'.*not found/s,
    typescript: async ({ client }) => {
      await expect(Dict.objects.list({ client, environment: "no-such-environment" })).rejects.toMatchObject({
        code: "environment_not_found",
      });
    },
  },
  {
    name: "dict get prints a value",
    given: [["k", "text"]],
    args: ["dict", "get", "DICT", "k"],
    exitCode: 0,
    stdout: "text\n",
    typescript: expectContent(["k", "text"]),
  },
  {
    name: "dict get prints a container as Python shows it",
    given: [["k", { n: [1, 2.5, null, true], s: new Set([1]) }]],
    args: ["dict", "get", "DICT", "k"],
    exitCode: 0,
    stdout: "{'n': [1, 2.5, None, True], 's': {1}}\n",
    typescript: expectContent(["k", { n: [1, 2.5, null, true], s: new Set([1]) }]),
  },
  {
    name: "dict get of an absent key prints None",
    args: ["dict", "get", "DICT", "absent"],
    exitCode: 0,
    stdout: "None\n",
    typescript: expectContent(),
  },
  {
    name: "dict get takes every key as a string",
    given: [[1, "the int key"]],
    args: ["dict", "get", "DICT", "1"],
    exitCode: 0,
    stdout: "None\n",
    typescript: expectContent([1, "the int key"]),
  },
  {
    name: "dict get of an absent dict fails with a box that names it",
    args: ["dict", "get", "FRESH", "k"],
    exitCode: 1,
    stdout: "",
    stderr: /Error.*Dict 'FRESH' not found in environment 'main'/s,
    typescript: expectContent(),
  },
  {
    name: "dict items draws a table of 20 entries and says that there are more",
    given: Array.from({ length: 25 }, (_, index) => [`key ${index}`, index]),
    args: ["dict", "items", "DICT"],
    exitCode: 0,
    stdout: /┃ Key\s+┃ Value\s+┃\n.*(│ key \d+\s+│ \d+\s+│\n){20}│ \.\.\.\s+│ \.\.\.\s+│/s,
    typescript: async ({ client, dict }) => expect(await Dict.fromName(dict, { client }).len()).toBe(25),
  },
  {
    name: "dict items N shows N entries",
    given: Array.from({ length: 25 }, (_, index) => [`key ${index}`, index]),
    args: ["dict", "items", "DICT", "3"],
    exitCode: 0,
    stdout: /━\n?.*╇.*┩\n(│ key \d+\s+│ \d+\s+│\n){3}│ \.\.\.\s+│ \.\.\.\s+│/s,
    typescript: async ({ client, dict }) => expect(await Dict.fromName(dict, { client }).len()).toBe(25),
  },
  {
    name: "dict items --all shows every entry",
    given: Array.from({ length: 25 }, (_, index) => [`key ${index}`, index]),
    args: ["dict", "items", "DICT", "--all"],
    exitCode: 0,
    stdout: /┩\n(│ key \d+\s+│ \d+\s+│\n){25}└/,
    typescript: async ({ client, dict }) => expect(await Dict.fromName(dict, { client }).len()).toBe(25),
  },
  {
    name: "dict items --repr tells strings from numbers",
    given: [["1", "text"]],
    args: ["dict", "items", "DICT", "--repr"],
    exitCode: 0,
    stdout: /│ '1'\s+│ 'text'\s+│/,
    typescript: expectContent(["1", "text"]),
  },
  {
    name: "dict items --json prints all entries",
    from: "newest",
    given: [["a", { n: [1, null] }]],
    args: ["dict", "items", "DICT", "--json"],
    exitCode: 0,
    stdout:
      '[\n  {\n    "key": "a",\n    "value": {\n      "n": [\n        1,\n        null\n      ]\n    }\n  }\n]\n',
    typescript: expectContent(["a", { n: [1, null] }]),
  },
  {
    name: "dict items --json prints all entries under its earlier names",
    until: "v1.0",
    given: [["a", [1, null]]],
    args: ["dict", "items", "DICT", "--json"],
    exitCode: 0,
    stdout: '[\n  {\n    "Key": "a",\n    "Value": [\n      1,\n      null\n    ]\n  }\n]\n',
    typescript: expectContent(["a", [1, null]]),
  },
  {
    name: "dict items --json of a value that JSON cannot hold fails",
    given: [["a", new Uint8Array([1])]],
    args: ["dict", "items", "DICT", "--json"],
    exitCode: 1,
    stdout: "",
    stderr: /bytes is not JSON serializable/,
    typescript: expectContent(["a", new Uint8Array([1])]),
  },
  {
    name: "dict clear --yes removes every entry",
    given: [["a", 1]],
    args: ["dict", "clear", "DICT", "--yes"],
    exitCode: 0,
    stdout: "",
    typescript: expectContent(),
  },
  {
    name: "dict clear without --yes removes nothing when there is nobody to ask",
    from: "newest",
    given: [["a", 1]],
    args: ["dict", "clear", "DICT"],
    exitCode: 1,
    stdout: "Are you sure you want to irrevocably delete the contents of modal.Dict 'DICT'? [y/N]:\n",
    stderr: /Rerun with --yes/,
    typescript: expectContent(["a", 1]),
  },
  {
    name: "dict clear answered with no removes nothing",
    until: "v1.0",
    given: [["a", 1]],
    args: ["dict", "clear", "DICT"],
    input: "n\n",
    exitCode: 1,
    stdout: /^Are you sure you want to irrevocably delete the contents of modal.Dict\s+'DICT'\? \[y\/N\]:/,
    stderr: /Aborted/,
    typescript: expectContent(["a", 1]),
  },
  {
    name: "dict clear answered with yes removes every entry",
    until: "v1.0",
    given: [["a", 1]],
    args: ["dict", "clear", "DICT"],
    input: "y\n",
    exitCode: 0,
    stdout: /\[y\/N\]:/,
    typescript: expectContent(),
  },
  {
    name: "dict delete --yes deletes the dict",
    given: [["a", 1]],
    args: ["dict", "delete", "DICT", "--yes"],
    exitCode: 0,
    stdout: "",
    typescript: expectAbsent,
  },
  {
    name: "dict delete of an absent dict fails",
    args: ["dict", "delete", "FRESH", "--yes"],
    exitCode: 1,
    stdout: "",
    stderr: /Dict 'FRESH' not found in environment 'main'/,
    typescript: expectContent(),
  },
  {
    name: "dict delete --allow-missing of an absent dict succeeds",
    from: "newest",
    args: ["dict", "delete", "FRESH", "--yes", "--allow-missing"],
    exitCode: 0,
    stdout: "",
    typescript: expectContent(),
  },
  {
    name: "a wrong secret is refused in a box",
    args: ["dict", "list"],
    env: { MODAL_TOKEN_SECRET: "as-wrong" },
    exitCode: 1,
    stdout: "",
    stderr: /Error.*[Tt]oken/s,
    typescript: expectContent(),
  },
];
