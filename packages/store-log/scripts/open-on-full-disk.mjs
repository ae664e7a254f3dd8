// Opens a directory on a disk that is full, and again when there is room. For tests: `node open-on-full-disk.mjs DIRECTORY`,
// on a small file system of its own. Prints how each went, and which files of locks were there after it.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLogStore } from "../dist/index.js";

const directory = process.argv[2];
const filling = join(directory, "..", "filling");

function fill() {
  for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
    try {
      for (;;) writeFileSync(filling, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    }
  }
}

async function report(when) {
  const how = await openLogStore({ directory }).then(
    (store) => store.close().then(() => "opened"),
    (error) => error.code,
  );
  const locks = readdirSync(directory).filter((name) => name.startsWith("owner."));
  console.log(`${when}: ${how}, ${locks.length} files of locks`);
}

fill();
await report("full");
rmSync(filling);
await report("with room");
