/** Node's arguments that write a CPU profile when the process ends; none without a directory. */
export function profileArgs(directory: string | undefined, name: string): string[] {
  if (directory === undefined) return [];
  const file = `${name.replaceAll(/[^\w.-]+/g, "-")}.cpuprofile`;
  return ["--cpu-prof", "--cpu-prof-dir", directory, "--cpu-prof-name", file];
}
