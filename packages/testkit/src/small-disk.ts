import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSetUp } from "./is-set-up.ts";

const blockBytes = 4096;

/** A file system of its own, in memory, that is soon full. */
export interface SmallDisk extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
  /** How many bytes can still be written. */
  freeBytes(): number;
  /** Takes room in a file of another program, until so much is free. */
  occupy(leaveBytes?: number): void;
  /** Gives back what was occupied. */
  giveBack(): void;
}

/** Whether small disks can be mounted, as `isSetUp` decides: by root, or with `sudo` that asks for nothing. */
export function smallDisksAreSetUp(): boolean {
  const disk = tryMount(1024 * 1024);
  disk?.[Symbol.dispose]();
  const remedy = "run them as root, and in a container with `--cap-add SYS_ADMIN`";
  return isSetUp({ part: "the right to mount a file system", isThere: disk !== undefined, remedy });
}

/** Mounts a disk of that size. Everything on it goes with it. */
export function mountSmallDisk(bytes: number): SmallDisk {
  const disk = tryMount(bytes);
  if (disk === undefined)
    throw new Error("no small disk can be mounted here: ask `smallDisksAreSetUp` first");
  return disk;
}

function tryMount(bytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), "everdict-small-disk-"));
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0}`;
  if (!asRoot(["mount", "-t", "tmpfs", "-o", `size=${bytes},mode=0700,${owner}`, "everdict", path])) {
    rmdirSync(path);
    return undefined;
  }
  const occupied = join(path, "occupied");
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    path,
    freeBytes,
    occupy(leaveBytes = 0) {
      const excess = freeBytes() - leaveBytes;
      if (excess < blockBytes) return;
      try {
        writeFileSync(occupied, Buffer.alloc(excess), { flag: "a" });
      } catch (error) {
        // A server took some of it meanwhile: then all of it is occupied now.
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    giveBack: () => rmSync(occupied, { force: true }),
    [Symbol.dispose]() {
      // Even if something on it is still open.
      asRoot(["umount", "--lazy", path]);
      rmdirSync(path);
    },
  };
}

function asRoot(command: readonly string[]): boolean {
  const [program = "", ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
  return spawnSync(program, args).status === 0;
}
