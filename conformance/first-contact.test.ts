// What a newcomer does: starts the server, pastes the lines that it prints into another shell, and runs the two
// programs that it shows, one in Python and one in TypeScript. They read and write the same dict.
import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  pythonIsSetUp,
  pythonProcessEnv,
  pythonProgram,
  repositoryRoot,
  startEverdict,
  temporaryDirectory,
  waitUntil,
} from "@everdict/testkit";
import { expect, test } from "vitest";
import { parameters } from "./parameters.ts";

const run = promisify(execFile);

test.skipIf(!pythonIsSetUp(["newest"]))(
  "the printed lines connect Python and TypeScript to one dict",
  async () => {
    await using server = await startEverdict({ memory: parameters.memoryStore });
    using home = temporaryDirectory();
    await waitUntil("everything is printed", () => server.printed().includes("everdict dict items"));
    const printed = server.printed();
    const pasted = /^set -a$.*^set \+a$/ms.exec(printed)![0];
    const python = /^ *(python3 -c .*)$/m.exec(printed)![1]!;
    const typescript = /^TypeScript:\n((?: {2}.*\n)+)/m.exec(printed)![1]!;

    // The project that the newcomer has: the package installed, and python3 is one that has modal.
    const project = join(home.path, "project");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    symlinkSync(join(repositoryRoot, "packages", "client"), join(project, "node_modules", "everdict"));
    writeFileSync(join(project, "hello.mjs"), typescript);
    const env = pythonProcessEnv(home.path, {});
    const path = [dirname(pythonProgram("newest")), dirname(process.execPath), env.PATH].join(":");
    const shell = (command: string) =>
      run("bash", ["-ec", `${pasted}\n${command}`], {
        cwd: project,
        env: { ...env, PATH: path },
        timeout: 30_000,
      });

    await shell(python);
    expect((await shell("node hello.mjs")).stdout).toBe("Python\n");
    writeFileSync(
      join(project, "answer.mjs"),
      'import { Dict } from "everdict";\nawait Dict.fromName("hello").put("from", { language: "TypeScript" });\n',
    );
    await shell("node answer.mjs");
    const read = `python3 -c 'import modal; print(modal.Dict.from_name("hello")["from"])'`;
    expect((await shell(read)).stdout).toBe("{'language': 'TypeScript'}\n");
  },
  60_000,
);
