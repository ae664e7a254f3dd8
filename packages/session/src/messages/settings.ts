import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";

/** Numbers by the number of the setting; see `Setting`. */
export type Settings = ReadonlyMap<number, number>;

/** The most bytes that settings may take. */
export function settingsRoom(settings: Settings): number {
  return 2 + 6 * settings.size;
}

/** Writes settings. */
export function writeSettings(sink: ByteSink, settings: Settings): void {
  sink.u16(settings.size);
  for (const [setting, value] of settings) {
    sink.u16(setting);
    sink.u32(value);
  }
}

/** Reads settings. Unknown ones are read like the others and ignored. */
export function readSettings(source: ByteSource): Settings {
  const settings = new Map<number, number>();
  for (let left = source.u16(); left > 0; left--) settings.set(source.u16(), source.u32());
  return settings;
}
