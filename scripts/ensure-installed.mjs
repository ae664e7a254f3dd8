// Installs the project's packages if they are missing or older than the lock file, so that each of the
// README's commands works on a fresh clone.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program to its end with its output shown; ends this process with its status if it fails. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (status === 0) return;
  console.error(`failed: ${[program, ...args].join(" ")}${error === undefined ? "" : ` (${error.message})`}`);
  process.exit(status ?? 1);
}

/** Runs one of the project's own tools (`tsc`, `biome`, `vitest`) by its name. */
export function tool(name, args, options = {}) {
  run(join(root, "node_modules", ".bin", name), args, options);
}

/** Installs what package-lock.json says unless that was done already. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Everdict needs Node 20.19 or newer; this is ${process.version}.`);
    process.exit(1);
  }
  const stamp = join(root, "node_modules", ".everdict-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("Installing the project's packages …");
  // Standard output belongs to the command that follows.
  run("npm", ["ci", "--loglevel=error"], { stdio: ["ignore", 2, 2] });
  writeFileSync(stamp, wanted);
}

/** Compiles every package, of which only what changed is compiled again, and bundles the dashboard. */
export function build() {
  tool("tsc", ["-b"], { stdio: ["ignore", 2, 2] });
  tool("vite", ["build", "--logLevel", "warn", "packages/dashboard"], { stdio: ["ignore", 2, 2] });
}
