import { InvalidArgumentError } from "commander";

/**
 * Reads the path of a file or directory. An empty one is what a variable leaves that is not set, and would mean the
 * current directory: `everdict restore "$BACKUP" "$DATA"`.
 *
 * @throws `InvalidArgumentError` if it is empty
 */
export function parsePath(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty. For the current directory write a dot.");
  return text;
}
