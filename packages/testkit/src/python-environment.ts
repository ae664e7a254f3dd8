import { existsSync } from "node:fs";
import { join } from "node:path";
import { isSetUp } from "./is-set-up.ts";
import { repositoryRoot } from "./repository.ts";

/** The official clients that the suite runs against, oldest first. */
export const pythonVersions = ["v0.74", "v1.0", "newest"] as const;

/** One of the official clients that the suite runs against. */
export type PythonVersion = (typeof pythonVersions)[number];

/** An environment made by scripts/setup-python.mjs: of a client, where python/everdict can be installed, or with gRPC alone. */
export type PythonEnvironment = PythonVersion | "package" | "grpc";

/** The interpreter of an environment. */
export function pythonProgram(environment: PythonEnvironment): string {
  return join(environmentDirectory(environment), "bin", "python");
}

/**
 * Whether these environments are there, as `isSetUp` decides.
 *
 * @example describe.skipIf(!pythonIsSetUp())("…", () => { … });
 */
export function pythonIsSetUp(environments: readonly PythonEnvironment[] = pythonVersions): boolean {
  const missing = environments.filter(
    (each) => !existsSync(join(environmentDirectory(each), "everdict.stamp")),
  );
  return isSetUp({
    part: `Python's modal client (${missing.join(", ")})`,
    isThere: missing.length === 0,
    remedy: "node scripts/setup-python.mjs",
  });
}

/**
 * The environment variables of a Python or `modal` process: nothing of this machine's Modal settings, a
 * home directory of its own, and what `extra` adds.
 */
export function pythonProcessEnv(
  home: string,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: home,
    MODAL_CONFIG_PATH: join(home, ".modal.toml"),
    MODAL_DISABLE_API_PROXY: "1",
    PYTHONIOENCODING: "utf-8",
    PYTHONDONTWRITEBYTECODE: "1",
    TZ: "UTC",
    COLUMNS: "80",
    ...extra,
  };
}

function environmentDirectory(environment: PythonEnvironment): string {
  return join(repositoryRoot, ".cache", "python", environment);
}
