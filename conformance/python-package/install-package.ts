import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  pythonProgram,
  repositoryRoot,
  type TemporaryDirectory,
  temporaryDirectory,
} from "@everdict/testkit";

/** The package in python/everdict, as pip installs it. */
export interface InstalledPackage extends Disposable {
  /** The variable that lets any Python find it. */
  readonly env: { readonly PYTHONPATH: string };
}

/** Installs the package from its directory, without a network: the environment has what it needs. */
export async function installPackage(): Promise<InstalledPackage> {
  const directory: TemporaryDirectory = temporaryDirectory();
  const target = join(directory.path, "packages");
  const source = join(directory.path, "source");
  const python = pythonProgram("package");
  const run = promisify(execFile);
  // pip builds beside the source.
  await run("cp", ["-R", join(repositoryRoot, "python", "everdict"), source]);
  const options = [
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-index",
    "--no-build-isolation",
  ];
  await run(python, ["-m", "pip", "install", ...options, "--no-deps", "--target", target, source]);
  return { env: { PYTHONPATH: target }, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}
