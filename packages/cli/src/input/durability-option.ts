import { durabilities } from "@everdict/protocol";
import { Option } from "commander";

/** An option that takes a durability. */
export function durabilityOption(flag: string, description: string): Option {
  return new Option(`${flag} <mode>`, description).choices(durabilities);
}
