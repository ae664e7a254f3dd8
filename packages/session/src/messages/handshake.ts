import type { ByteSink } from "../frames/byte-sink.ts";
import { textRoom } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { helloMagic } from "../frames/wire.ts";
import { readSettings, type Settings, settingsRoom, writeSettings } from "./settings.ts";

/** The length of a client id. */
export const clientIdBytes = 16;

/** The first frame of a client. */
export interface Hello {
  /** The lowest and highest version of the protocol that the client speaks. */
  readonly minVersion: number;
  readonly maxVersion: number;
  /** Random; the same over all connections of one client, so that its key numbers go on. */
  readonly clientId: Uint8Array;
  /** Both empty if the connection itself was authenticated. */
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** What the client calls itself. */
  readonly agent: string;
  readonly settings: Settings;
}

/** The first frame of a server that accepts. */
export interface Welcome {
  readonly version: number;
  /** What the server calls itself. */
  readonly agent: string;
  readonly settings: Settings;
}

/** The most bytes that a HELLO may take. */
export function helloRoom(hello: Hello): number {
  const texts = textRoom(hello.tokenId) + textRoom(hello.tokenSecret) + textRoom(hello.agent);
  return 6 + clientIdBytes + texts + settingsRoom(hello.settings);
}

/** Writes the content of a HELLO. */
export function writeHello(sink: ByteSink, hello: Hello): void {
  sink.u32(helloMagic);
  sink.u8(hello.minVersion);
  sink.u8(hello.maxVersion);
  sink.raw(hello.clientId);
  sink.text(hello.tokenId);
  sink.text(hello.tokenSecret);
  sink.text(hello.agent);
  writeSettings(sink, hello.settings);
}

/** Reads the content of a HELLO. What a later version may add at its end is skipped. */
export function readHello(source: ByteSource): Hello {
  if (source.u32() !== helloMagic) throw new SessionProtocolError("the first frame is not a HELLO");
  return {
    minVersion: source.u8(),
    maxVersion: source.u8(),
    clientId: source.view(clientIdBytes),
    tokenId: source.text(),
    tokenSecret: source.text(),
    agent: source.text(),
    settings: readSettings(source),
  };
}

/** The most bytes that a WELCOME may take. */
export function welcomeRoom(welcome: Welcome): number {
  return 1 + textRoom(welcome.agent) + settingsRoom(welcome.settings);
}

/** Writes the content of a WELCOME. */
export function writeWelcome(sink: ByteSink, welcome: Welcome): void {
  sink.u8(welcome.version);
  sink.text(welcome.agent);
  writeSettings(sink, welcome.settings);
}

/** Reads the content of a WELCOME. */
export function readWelcome(source: ByteSource): Welcome {
  return { version: source.u8(), agent: source.text(), settings: readSettings(source) };
}
