// The programs in the guides compile: the blocks of a guide one after the other, each in the scope of those before it.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { root } from "./tidy/source-files.ts";

vi.setConfig({ testTimeout: 120_000 });

/** What the reader's own program has, by guide. */
const given: Readonly<Record<string, string>> = {
  "docs/guides/counters-and-rate-limits.md": `
    declare const calls: Dict<readonly [string, number], number>;
    declare const shop: Dict<readonly ["stock" | "order", string], unknown>;
    declare const scores: Dict<readonly [game: string, player: string], number>;
    declare const id: string, customer: string;`,
  "docs/guides/optimistic-updates.md": `
    declare const plans: Dict<string, string>;
    declare const accounts: Dict<string, number>;
    declare function ask(value: string): Promise<string>;`,
  "docs/guides/sessions-that-end.md": `
    interface Session { readonly user: string }
    declare const id: string, session: Session, imported: Record<string, Session>, me: string;
    declare const locks: Dict<string, string>;
    declare function signIn(): void;
    declare function changed(session: Session): Session;`,
};

function programOf(guide: string): string {
  const text = readFileSync(join(root, guide), "utf8");
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  expect(blocks).not.toEqual([]);
  const nested = blocks.map((block) => `{\n${block}`).join("") + "}".repeat(blocks.length);
  return `import { Dict, EverdictError, removed } from "everdict";${given[guide]}
export async function program() ${nested}
`;
}

test("the programs in the guides compile", async () => {
  const directory = mkdtempSync(join(tmpdir(), "everdict-guides-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const guides = readdirSync(join(root, "docs/guides")).map((name) => `docs/guides/${name}`);
  expect(guides.toSorted()).toEqual(Object.keys(given));
  for (const guide of guides) writeFileSync(join(directory, `${basename(guide, "md")}mts`), programOf(guide));
  const config = {
    extends: join(root, "tsconfig.tests.json"),
    compilerOptions: {
      noUnusedLocals: false,
      noImplicitReturns: false,
      paths: { everdict: [join(root, "packages/client/src/index.ts")] },
      typeRoots: [join(root, "node_modules/@types")],
    },
    include: ["*.mts"],
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const outcome = await promisify(execFile)(process.execPath, [compiler, "-p", directory]).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { readonly code: number; readonly stdout: string }) => ({ code, stdout }),
  );
  expect(outcome).toEqual({ code: 0, stdout: "" });
});
