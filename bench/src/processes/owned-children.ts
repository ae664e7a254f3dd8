import type { ChildProcess } from "node:child_process";

const running = new Set<ChildProcess>();
// Whatever was started ends with this process, also when it is interrupted.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

/** Makes a child end with this process at the latest. */
export function owned<C extends ChildProcess>(child: C): C {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}
