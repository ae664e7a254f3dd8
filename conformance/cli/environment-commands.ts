import { expect } from "vitest";
import type { CommandCase, CommandContext } from "./command-case.ts";

async function environmentNames({ client }: CommandContext): Promise<readonly string[]> {
  return (await client.environments.list()).map((each) => each.name);
}

/** Each subcommand of `modal environment`. */
export const environmentCommands: readonly CommandCase[] = [
  {
    name: "environment list --json marks the default as active",
    from: "newest",
    environment: true,
    args: ["environment", "list", "--json"],
    exitCode: 0,
    stdout: /"name": "main",\s+"web_suffix": "[^"]*",\s+"image_builder_version": null,\s+"active": "True"/,
    typescript: async (context) => {
      const listed = JSON.parse(context.stdout) as { name: string; active: string }[];
      expect(listed.find((each) => each.name === context.environment)?.active).toBe("False");
      expect(await environmentNames(context)).toContain(context.environment);
    },
  },
  {
    name: "environment list --json lists names and web suffixes",
    until: "v1.0",
    environment: true,
    args: ["environment", "list", "--json"],
    exitCode: 0,
    stdout: /"name": "main",\s+"web suffix": "[^"]*",\s+"active": "True"/,
    typescript: async (context) => {
      const listed = JSON.parse(context.stdout) as { name: string }[];
      expect(listed.map((each) => each.name)).toContain(context.environment);
    },
  },
  {
    name: "environment list draws a table",
    environment: true,
    args: ["environment", "list"],
    exitCode: 0,
    stdout: /┃ name.*│ main\s+│/s,
    typescript: async (context) => expect(await environmentNames(context)).toContain("main"),
  },
  {
    name: "environment create makes an environment",
    from: "newest",
    args: ["environment", "create", "ENV"],
    exitCode: 0,
    stdout: "✓ Environment created: ENV\n",
    typescript: async (context) => expect(await environmentNames(context)).toContain(context.environment),
  },
  {
    name: "environment create makes an environment, in earlier words",
    until: "v1.0",
    args: ["environment", "create", "ENV"],
    exitCode: 0,
    stdout: "Environment created: ENV\n",
    typescript: async (context) => expect(await environmentNames(context)).toContain(context.environment),
  },
  {
    name: "environment create of an existing one fails",
    environment: true,
    args: ["environment", "create", "ENV"],
    exitCode: 1,
    stdout: "",
    stderr: /ENV.*exists/s,
    typescript: async (context) => {
      const names = await environmentNames(context);
      expect(names.filter((each) => each === context.environment)).toHaveLength(1);
    },
  },
  {
    name: "environment create refuses restrictions and roles, and creates nothing",
    from: "newest",
    args: ["environment", "create", "ENV", "--restricted", "--default-role", "viewer"],
    exitCode: 1,
    stdout: "",
    stderr: /does not support restricted environments, roles of members/,
    typescript: async (context) => expect(await environmentNames(context)).not.toContain(context.environment),
  },
  {
    name: "environment create takes a name of one character",
    from: "newest",
    args: ["environment", "create", "q"],
    exitCode: 0,
    stdout: "✓ Environment created: q\n",
    typescript: async (context) => expect(await environmentNames(context)).toContain("q"),
  },
  {
    name: "environment update --set-image-builder-version is refused, and changes nothing",
    from: "newest",
    environment: true,
    args: ["environment", "update", "ENV", "--set-name", "ENV-x", "--set-image-builder-version", "2024.10"],
    exitCode: 1,
    stdout: "",
    stderr: /does not support an image builder version/,
    typescript: async (context) => expect(await environmentNames(context)).toContain(context.environment),
  },
  {
    name: "environment create refuses a bad name",
    args: ["environment", "create", "bad name"],
    exitCode: 1,
    stdout: "",
    stderr: /Invalid [Ee]nvironment name/,
    typescript: async (context) => expect(await environmentNames(context)).not.toContain("bad name"),
  },
  {
    name: "environment update --set-name renames it",
    environment: true,
    args: ["environment", "update", "ENV", "--set-name", "ENV.renamed"],
    until: "v1.0",
    exitCode: 0,
    stdout: "Environment updated\n",
    typescript: async (context) => {
      const names = await environmentNames(context);
      expect(names).toContain(`${context.environment}.renamed`);
      expect(names).not.toContain(context.environment);
    },
  },
  {
    name: "environment update --set-name renames it, with a check mark",
    from: "newest",
    environment: true,
    args: ["environment", "update", "ENV", "--set-name", "ENV-renamed"],
    exitCode: 0,
    stdout: "✓ Environment updated\n",
    typescript: async (context) => {
      const names = await environmentNames(context);
      expect(names).toContain(`${context.environment}-renamed`);
      expect(names).not.toContain(context.environment);
    },
  },
  {
    name: "environment update --set-web-suffix sets the suffix",
    environment: true,
    args: ["environment", "update", "ENV", "--set-web-suffix", "suffix"],
    exitCode: 0,
    stdout: /^(✓ )?Environment updated\n$/,
    typescript: async ({ client, environment }) => {
      const found = (await client.environments.list()).find((each) => each.name === environment);
      expect(found?.webSuffix).toBe("suffix");
    },
  },
  {
    name: "environment update of nothing is a usage error",
    environment: true,
    args: ["environment", "update", "ENV"],
    exitCode: 2,
    stdout: "",
    stderr: /at least one new property/,
    typescript: async (context) => expect(await environmentNames(context)).toContain(context.environment),
  },
  {
    name: "environment update of an unknown one fails",
    args: ["environment", "update", "ENV", "--set-web-suffix", "suffix"],
    exitCode: 1,
    stdout: "",
    stderr: /ENV.*not found/s,
    typescript: async (context) => expect(await environmentNames(context)).not.toContain(context.environment),
  },
  {
    name: "environment delete --yes deletes it",
    from: "newest",
    environment: true,
    args: ["environment", "delete", "ENV", "--yes"],
    exitCode: 0,
    stdout: "✓ Environment deleted: ENV\n",
    typescript: async (context) => expect(await environmentNames(context)).not.toContain(context.environment),
  },
  {
    name: "environment delete --confirm deletes it",
    until: "v1.0",
    environment: true,
    args: ["environment", "delete", "ENV", "--confirm"],
    exitCode: 0,
    stdout: "Environment deleted: ENV\n",
    typescript: async (context) => expect(await environmentNames(context)).not.toContain(context.environment),
  },
  {
    name: "environment delete without --yes deletes nothing when there is nobody to ask",
    from: "newest",
    environment: true,
    args: ["environment", "delete", "ENV"],
    exitCode: 1,
    stdout: /irrevocably delete the environment 'ENV'/,
    stderr: /Rerun with --yes/,
    typescript: async (context) => expect(await environmentNames(context)).toContain(context.environment),
  },
  {
    name: "environment delete of an unknown one fails before it asks",
    from: "newest",
    args: ["environment", "delete", "ENV"],
    exitCode: 1,
    stdout: "",
    stderr: /ENV.*not found/s,
    typescript: async (context) => expect(await environmentNames(context)).not.toContain(context.environment),
  },
  {
    name: "environment delete refuses the default environment",
    from: "newest",
    args: ["environment", "delete", "main", "--yes"],
    exitCode: 1,
    stdout: "",
    stderr: /Error.*main/s,
    typescript: async (context) => expect(await environmentNames(context)).toContain("main"),
  },
];
