// Damages every file of a data directory in every way, after a clean stop and after a kill of a real process, and finds
// out what `doctor` says, what a server does, and what salvage saves. Prints a line of JSON for each case.
//
//   node packages/cli/scripts/damage-matrix.mjs
//
// The table of it is in docs/backups.md; `render-damage-matrix.mjs` writes it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { firstToken, openTokenFile } from "@everdict/server";
import { openLogStore } from "@everdict/store-log";
import { runCli } from "../dist/run-cli.js";
import { damages, fileKinds } from "./damage-cases.mjs";

const entryCount = 40;
const dictId = "di-subject";
const base = mkdtempSync(join(tmpdir(), "everdict-damage-"));
let copies = 0;

try {
  for (const state of ["clean stop", "kill"]) {
    const subject = await makeSubject(state);
    writeFileSync(join(subject.directory, "notes.txt"), "Nothing of Everdict's.\n", { mode: 0o600 });
    const names = readdirSync(subject.directory);
    for (const [file, nameIn] of fileKinds) {
      const name = nameIn(names);
      if (name === undefined) continue;
      for (const [damage, harm] of damages) {
        const row = await examine(subject, (directory) => harm(join(directory, name)));
        process.stdout.write(`${JSON.stringify({ state, file, damage, ...row })}\n`);
      }
    }
  }
} finally {
  rmSync(base, { recursive: true });
}

/** A directory that a process of its own left behind. */
async function makeSubject(state) {
  const directory = join(base, state);
  const script = fileURLToPath(new URL("damage-subject.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, directory, String(entryCount)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(child.stdout.setEncoding("utf8"), "data"),
    ended.then(() => Promise.reject(new Error("the subject ended early"))),
  ]);
  if (state === "kill") child.kill("SIGKILL");
  else child.stdin.write("stop\n");
  await ended;
  return { directory, token: JSON.parse(line) };
}

async function examine(subject, harm) {
  const copyOf = () => {
    const copy = join(base, `copy-${copies++}`);
    mkdirSync(copy, { mode: 0o700 });
    for (const name of readdirSync(subject.directory)) {
      const path = join(subject.directory, name);
      if (lstatSync(path).isFile()) copyFileSync(path, join(copy, name));
    }
    harm(copy);
    return copy;
  };
  const [examined, served] = [copyOf(), copyOf()];
  const output = join(base, `copy-${copies++}`);
  try {
    const doctor = await run(["doctor", examined, "--json"]);
    const serve = await startOn(served, subject.token);
    const salvage = await run(["doctor", "--salvage", examined, output, "--json"]);
    const saved = salvage.report === undefined ? undefined : await startOn(output, subject.token);
    return { doctor, serve, salvage, saved };
  } finally {
    for (const path of [examined, served, output]) rmSync(path, { recursive: true, force: true });
  }
}

/** Does what a server does with a directory when it starts, and reads all that was acknowledged. */
async function startOn(directory, { tokenId, tokenSecret }) {
  const warnings = [];
  let store;
  try {
    store = await openLogStore({ directory, onWarning: (warning) => warnings.push(warning) });
    const tokens = await openTokenFile(directory);
    const isTokenValid = tokens.authenticate(tokenId, tokenSecret) !== undefined;
    await tokens.close?.();
    const { created } = await firstToken(directory);
    return { ...(await readAll(store)), isTokenValid, madeToken: created, warnings: warnings.length };
  } catch (error) {
    return { refusal: error.code ?? String(error) };
  } finally {
    await store?.close();
  }
}

async function readAll(store) {
  const counts = { there: 0, refused: 0, gone: 0 };
  for (let index = 0; index < entryCount; index++) {
    try {
      const value = await store.get(dictId, Buffer.from(`key-${index}`));
      if (value?.equals(Buffer.alloc(1000, `${index}.`))) counts.there++;
      else counts.gone++;
    } catch (error) {
      if (error.code === "data_loss") counts.refused++;
      else if (error.code === "dict_not_found") counts.gone++;
      else throw error;
    }
  }
  return counts;
}

/** Runs a command line in this process. */
async function run(argv) {
  const text = { stdout: "", stderr: "" };
  const into = (name) =>
    new Writable({
      write(chunk, _, done) {
        text[name] += chunk;
        done();
      },
    });
  const context = {
    stdin: Readable.from([]),
    stdout: into("stdout"),
    stderr: into("stderr"),
    variables: {},
    json: true,
    debug: false,
    outcome: "ok",
  };
  const status = await runCli(argv, context);
  return { status, report: text.stdout === "" ? undefined : JSON.parse(text.stdout), error: text.stderr };
}
