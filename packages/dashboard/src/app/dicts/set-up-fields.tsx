import { type DictChange, type Durability, type ExpiryPolicy, formatDuration } from "@everdict/protocol";
import { useState } from "preact/hooks";
import { SelectField } from "../parts/select-field.tsx";
import { TextField } from "../parts/text-field.tsx";
import { parseTtl } from "./expiry-text.ts";

/** What stands in the fields of how a dictionary is set up. */
export interface SetUp {
  readonly policy: ExpiryPolicy["policy"] | "";
  readonly ttl: string;
  readonly durability: Durability | "";
}

/** The state of the fields, beginning with how a dictionary is set up. */
export function useSetUp(before: DictChange) {
  const { expiry, durability = "" } = before;
  return useState<SetUp>({
    policy: expiry?.policy ?? "",
    ttl: expiry === undefined || expiry.policy === "never" ? "30d" : formatDuration(expiry.ttlMs),
    durability,
  });
}

/** What the fields say, without what is left to the server; undefined if the time to live is none. */
export function changeOf({ policy, ttl, durability }: SetUp): DictChange | undefined {
  const rest = durability === "" ? {} : { durability };
  if (policy === "") return rest;
  if (policy === "never") return { ...rest, expiry: { policy } };
  const ttlMs = parseTtl(ttl);
  return ttlMs === undefined ? undefined : { ...rest, expiry: { policy, ttlMs } };
}

interface Options {
  readonly value: SetUp;
  onValue(value: SetUp): void;
  /** Whether the server may choose, as when a dictionary is created. */
  readonly hasDefaults: boolean;
}

/** Expiry and durability of a dictionary. */
export function SetUpFields({ value, onValue, hasDefaults }: Options) {
  const unset = hasDefaults ? ([["", "As the server is set"]] as const) : [];
  const hasTtl = value.policy !== "" && value.policy !== "never";
  return (
    <>
      <SelectField
        label="Entries expire"
        value={value.policy}
        choices={[
          ...unset,
          ["never", "Never"],
          ["afterWrite", "After they were written"],
          ["afterUse", "After they were used"],
        ]}
        onValue={(policy) => onValue({ ...value, policy })}
      />
      {hasTtl && (
        <TextField
          label="Time to live"
          value={value.ttl}
          onValue={(ttl) => onValue({ ...value, ttl })}
          hint="Such as 45s, 90m, 12h or 30d."
          wrong={parseTtl(value.ttl) === undefined ? "A number and one of ms, s, m, h, d." : undefined}
        />
      )}
      <SelectField
        label="Writes are acknowledged"
        value={value.durability}
        choices={[
          ...unset,
          ["sync", "On disk (sync)"],
          ["everysec", "Up to two seconds before they are on disk (everysec)"],
          ["memory", "Without a flush (memory)"],
        ]}
        onValue={(durability) => onValue({ ...value, durability })}
      />
    </>
  );
}
