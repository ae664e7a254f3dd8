import { expect } from "vitest";
import type { CommandCase } from "./command-case.ts";

const dictionariesOnly = (name: string): RegExp =>
  new RegExp(`Error.*dictionaries\\s+and\\s+environments\\s+only.*'${name}'`, "s");

const goesOn: CommandCase["typescript"] = async ({ client }) => {
  expect((await client.environments.list()).length).toBeGreaterThan(0);
};

const refused = (args: readonly string[], name: string): CommandCase => ({
  name: `${args.join(" ")} says that there are dictionaries only`,
  from: "newest",
  args,
  exitCode: 1,
  stdout: "",
  stderr: dictionariesOnly(name),
  typescript: goesOn,
});

/** What Modal's cloud has and this server does not. */
export const unservedCommands: readonly CommandCase[] = [
  refused(["queue", "list"], "QueueList"),
  refused(["app", "list"], "AppList"),
  refused(["secret", "list"], "SecretList"),
  refused(["volume", "list"], "VolumeList"),
  refused(["workspace", "members", "list"], "WorkspaceMembersList"),
  {
    name: "token new names the command that makes a token",
    from: "newest",
    env: { MODAL_TOKEN_ID: "", MODAL_TOKEN_SECRET: "" },
    args: ["token", "new"],
    exitCode: 1,
    stdout: "",
    stderr: /everdict\s+token\s+create/,
    typescript: async ({ profileFile }) => expect(profileFile).toBe(""),
  },
];
