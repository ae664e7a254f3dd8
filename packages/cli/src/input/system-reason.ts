interface Reason {
  readonly words: string;
  /** Whether the path as it was given is wrong, and not the disk. */
  readonly isOfPath: boolean;
}

const ofPath = (words: string): Reason => ({ words, isOfPath: true });

const reasons: Readonly<Record<string, Reason>> = {
  ENOENT: ofPath("no such file or directory"),
  EACCES: ofPath("permission denied"),
  EPERM: ofPath("operation not permitted"),
  EISDIR: ofPath("it is a directory"),
  ENOTDIR: ofPath("a part of the path is not a directory"),
  EEXIST: ofPath("there is a file of this name"),
  ENAMETOOLONG: ofPath("the name is too long"),
  ELOOP: ofPath("links lead in a circle"),
  EROFS: ofPath("the file system is read-only"),
  ENOSPC: { words: "no space left on the device", isOfPath: false },
};

/** What went wrong with a file, in words. */
export function systemReason(error: unknown): string {
  return reasonOf(error)?.words ?? (error instanceof Error ? error.message : String(error));
}

/** Whether an error is one of a path as it was given, not of a disk. */
export function isOfPath(error: unknown): boolean {
  return reasonOf(error)?.isOfPath === true;
}

function reasonOf(error: unknown): Reason | undefined {
  return reasons[(error as NodeJS.ErrnoException | null)?.code ?? ""];
}
