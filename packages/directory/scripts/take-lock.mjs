// Takes the lock of a directory whenever it is told to, and answers how that went. For tests.
// `fork("take-lock.mjs", [DIRECTORY])`, then a message for each time.
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../dist/index.js";

const directory = process.argv[2];
const inside = join(directory, "inside");
const refusal = ({ description }) => Object.assign(new Error(`held by ${description}`), { code: "held" });

process.on("message", async (waitMs) => {
  try {
    const lock = await takeLock(directory, { kind: "owner", waitMs, refusal });
    // Nobody else may be between these lines.
    writeFileSync(inside, "", { flag: "wx" });
    for (let look = 0; look < 3; look++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!existsSync(inside)) throw new Error("another removed what the owner made");
    }
    rmSync(inside);
    await lock.release();
    process.send("held it alone");
  } catch (error) {
    process.send(`${error.code}: ${error.message}; left behind: ${readdirSync(directory).join(" ")}`);
  }
});
process.send("ready");
