import type { Version } from "@everdict/protocol";

const digits = 16;

/** The version of an entry as others see it: the sequence number of the record that wrote it. */
export function versionText(version: number): Version {
  return version.toString(16).padStart(digits, "0");
}
