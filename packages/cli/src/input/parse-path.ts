import { InvalidArgumentError } from "commander";

/**
 * Reads the path of a file or directory. An empty path comes from a variable that is not set, and would mean the
 * current directory: `everdict restore "$BACKUP" "$DATA"`. A user who types `-` means standard input or output, and
 * would get a file of that name.
 *
 * @throws `InvalidArgumentError` if it is either
 */
export function parsePath(text: string): string {
  if (text !== "-") return parseInputPath(text);
  throw new InvalidArgumentError(
    "Standard input and output cannot be used here. For a file or directory of that name write ./-",
  );
}

/**
 * Reads the path of a file to read, where `-` means standard input.
 *
 * @throws `InvalidArgumentError` if it is empty
 */
export function parseInputPath(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty. For the current directory write a dot.");
  return text;
}
