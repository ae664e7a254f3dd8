import { readFileSync } from "node:fs";
import { type PythonVersion, pythonVersions } from "@everdict/testkit";

const file = new URL("../known-failures.txt", import.meta.url);

/** The reasons of a client's known failures, by the name of the case. */
export function knownFailures(version: PythonVersion): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [of, name, reason] = line.split("|").map((part) => part.trim());
    if (!pythonVersions.some((each) => each === of) || !name || !reason) {
      throw new Error(`known-failures.txt: not "version | case | reason": ${line}`);
    }
    if (of === version) reasons.set(name, reason);
  }
  return reasons;
}

/** Runs a case that may be known to fail; then it must fail. */
export async function expectKnown(reason: string | undefined, run: () => Promise<void>): Promise<void> {
  if (reason === undefined) return run();
  const failed = await run().then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error(`passes, but known-failures.txt says: ${reason}`);
}
