import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { owned } from "./owned-children.ts";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Runs a program of Node to its end and answers what it printed. Each of the project's measurements that has a
 * program of its own runs in a fresh process.
 *
 * @throws if it ends with another status than 0, with the end of what it printed
 */
export async function runNode(args: readonly string[]): Promise<string> {
  const child = owned(spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] }));
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new Error(`node ${args.join(" ")} ended with ${code}: ${errors || output.slice(-2000)}`);
  return output;
}
