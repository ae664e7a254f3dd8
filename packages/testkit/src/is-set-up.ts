/** A part of the machine that tests need and npm does not install: a program, a package of Python, a right. */
export interface RealPart {
  /** What it is, as in "openssl" or "the right to mount a file system". */
  readonly part: string;
  /** Whether it is there. */
  readonly isThere: boolean;
  /** The command that installs it, or where tests have it. */
  readonly remedy: string;
}

const told = new Set<string>();

/**
 * Whether tests that need a part of the machine can run. With `CI=true` its absence is an error, so that no test goes
 * missing there. Elsewhere the tests are skipped, after a line (one in each file) that says what is missing and how to get it.
 *
 * @example test.runIf(isSetUp({ part: "Deno", isThere: existsSync(deno), remedy: "npm run setup-deno" }))("…", …);
 */
export function isSetUp({ part, isThere, remedy }: RealPart): boolean {
  if (isThere) return true;
  const message = `tests need ${part}: ${remedy}`;
  if (process.env.CI === "true") throw new Error(message);
  if (!told.has(part)) console.warn(`\n*** SKIPPED: ${message} ***\n`);
  told.add(part);
  return false;
}
