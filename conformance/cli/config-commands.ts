import { expect } from "vitest";
import type { CommandCase } from "./command-case.ts";

const withoutToken = { MODAL_TOKEN_ID: "", MODAL_TOKEN_SECRET: "" };
const savedProfile = `[saved]\ntoken_id = "ID"\ntoken_secret = "SECRET"\nserver_url = "URL"\nactive = true\n`;
const onlyProfile = { ...withoutToken, MODAL_SERVER_URL: "" };

/** The commands about credentials and settings that speak with the server. */
export const configCommands: readonly CommandCase[] = [
  {
    name: "token set verifies the token and stores a profile named after the workspace",
    env: withoutToken,
    args: ["token", "set", "--token-id", "ID", "--token-secret", "SECRET"],
    exitCode: 0,
    stdout: /Verifying token against URL.*Token verified successfully.*Token written to.*profile/s,
    typescript: async ({ profileFile }) => {
      expect(profileFile).toMatch(/^\[\S+\]\n/);
      expect(profileFile).toMatch(/token_id = ".+"\ntoken_secret = ".+"\n/);
      expect(profileFile).toContain("active = true");
    },
  },
  {
    name: "token set refuses a wrong secret and stores nothing",
    env: withoutToken,
    args: ["token", "set", "--token-id", "ID", "--token-secret", "as-wrong"],
    exitCode: 1,
    stdout: /Verifying token/,
    stderr: /Error.*token/s,
    typescript: async ({ profileFile }) => expect(profileFile).toBe(""),
  },
  {
    name: "token info shows the token in use",
    from: "newest",
    args: ["token", "info"],
    exitCode: 0,
    stdout:
      /Token: ID\n.*Workspace: \S+ \(\S+\)\n(Service )?User: \S+ \(\S+\)\n.*Created at: \d{4}-\d\d-\d\d/s,
    typescript: async ({ client }) => {
      expect((await client.environments.list()).length).toBeGreaterThan(0);
    },
  },
  {
    name: "token info with a wrong secret fails",
    from: "newest",
    env: { MODAL_TOKEN_SECRET: "as-wrong" },
    args: ["token", "info"],
    exitCode: 1,
    stdout: "",
    stderr: /Error.*token/s,
    typescript: async ({ profileFile }) => expect(profileFile).toBe(""),
  },
  {
    name: "profile list --json asks the server for each profile's workspace",
    from: "newest",
    env: onlyProfile,
    profileFile: `${savedProfile}[other]\ntoken_id = "ID"\ntoken_secret = "as-wrong"\nserver_url = "URL"\n`,
    args: ["profile", "list", "--json"],
    exitCode: 0,
    stdout: /"name": "saved"/,
    typescript: async ({ stdout }) => {
      const profiles = JSON.parse(stdout) as { name: string; workspace: string; active: boolean }[];
      expect(profiles.map(({ name, active }) => [name, active])).toEqual([
        ["saved", true],
        ["other", false],
      ]);
      expect(profiles[0]!.workspace).not.toMatch(/Unknown/);
      expect(profiles[1]!.workspace).toBe("Unknown (authentication failure)");
    },
  },
  {
    name: "profile list shows the profile and its workspace",
    env: onlyProfile,
    profileFile: savedProfile,
    args: ["profile", "list"],
    exitCode: 0,
    stdout: /Profile.*•\s+(│ )?saved\s+(│ )?(?!Unknown)\S+/s,
    typescript: async ({ profileFile }) => expect(profileFile).toContain("[saved]"),
  },
  {
    name: "a stored profile is enough to work",
    env: onlyProfile,
    profileFile: savedProfile,
    given: [["k", "through the profile"]],
    args: ["dict", "get", "DICT", "k"],
    exitCode: 0,
    stdout: "through the profile\n",
    typescript: async ({ profileFile }) => expect(profileFile).toContain("[saved]"),
  },
  {
    name: "config set-environment stores an environment that exists",
    env: onlyProfile,
    profileFile: savedProfile,
    environment: true,
    args: ["config", "set-environment", "ENV"],
    exitCode: 0,
    stdout: "New default environment for profile saved: ENV\n",
    typescript: async ({ profileFile, environment }) => {
      expect(profileFile).toContain(`environment = "${environment}"`);
    },
  },
  {
    name: "config set-environment refuses an unknown environment",
    env: onlyProfile,
    profileFile: savedProfile,
    args: ["config", "set-environment", "ENV"],
    exitCode: 1,
    stdout: "",
    stderr: /ENV.*not found/s,
    typescript: async ({ profileFile }) => expect(profileFile).not.toContain("environment ="),
  },
];
