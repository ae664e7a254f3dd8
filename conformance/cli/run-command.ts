import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type EverdictProcess,
  type PythonVersion,
  pythonProcessEnv,
  pythonProgram,
  startOwnedProcess,
  temporaryDirectory,
} from "@everdict/testkit";
import { type Client, Dict } from "everdict";
import { expect } from "vitest";
import { uniqueName } from "../interop/interop-server.ts";
import type { CommandCase } from "./command-case.ts";

/** Runs a case's command in a process of its own, with a home directory of its own. */
export async function runCommandCase(
  each: CommandCase,
  version: PythonVersion,
  server: EverdictProcess,
  client: Client,
): Promise<void> {
  using home = temporaryDirectory();
  const profilePath = join(home.path, ".modal.toml");
  const name = uniqueName();
  const environment = `env-${name}`;
  const words: Readonly<Record<string, string>> = {
    DICT: name,
    FRESH: `${name}-fresh`,
    ENV: environment,
    ID: server.token.tokenId,
    SECRET: server.token.tokenSecret,
    URL: server.serverUrl,
  };
  const fill = (text: string): string =>
    text.replace(/\b(DICT|FRESH|ENV|ID|SECRET|URL)\b/g, (word) => words[word]!);

  const dict = Dict.fromName(name, { client, createIfMissing: true });
  await dict.update(each.given ?? []);
  if (each.environment) await client.environments.create(environment);
  if (each.profileFile !== undefined) writeFileSync(profilePath, fill(each.profileFile));

  const ran = await runModal(version, each.args.map(fill), each.input ?? "", {
    ...pythonProcessEnv(home.path, server.env),
    ...each.env,
  });

  const { stdout, stderr, exitCode } = ran;
  expect({ exitCode, stderr: exitCode === each.exitCode ? "" : stderr + stdout }).toEqual({
    exitCode: each.exitCode,
    stderr: "",
  });
  if (typeof each.stdout === "string") expect(stdout).toBe(fill(each.stdout));
  else expect(stdout).toMatch(new RegExp(fill(each.stdout.source), each.stdout.flags));
  if (each.stderr === undefined) expect(stderr).toBe("");
  else expect(stderr).toMatch(new RegExp(fill(each.stderr.source), each.stderr.flags));
  const profileFile = existsSync(profilePath) ? readFileSync(profilePath, "utf8") : "";
  await each.typescript({ client, dict: name, environment, stdout, profileFile });
}

interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runModal(
  version: PythonVersion,
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const owned = startOwnedProcess(pythonProgram(version), ["-m", "modal", ...args], set);
  let stdout = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  owned.child.stdin.end(input);
  const { code } = await owned.ended;
  return {
    exitCode: code,
    stdout: withoutTrailingBlanks(stdout),
    stderr: withoutTrailingBlanks(owned.errorOutput()),
  };
}

/** Tables are padded to the width of the terminal. */
function withoutTrailingBlanks(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, "");
}
