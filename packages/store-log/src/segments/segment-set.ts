import { type RecordFields, RecordKind } from "../record/record.ts";
import { Segment } from "./segment.ts";

const manifestEntryBytes = 8;
const noBytes = Buffer.alloc(0);

/** What a manifest says of one sealed segment. */
export interface ManifestEntry {
  readonly number: number;
  readonly bytes: number;
}

/** The segments of a log: one that takes records, and the sealed ones before it. */
export class SegmentSet {
  readonly directory: string;
  readonly #segments = new Map<number, Segment>();
  #active: Segment | undefined;
  #lastNumber = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The one that takes records; undefined before the first. */
  get active(): Segment | undefined {
    return this.#active;
  }

  /** All, oldest first. */
  all(): IterableIterator<Segment> {
    return this.#segments.values();
  }

  /** The one before a segment. */
  before(segment: Segment): Segment | undefined {
    return [...this.all()].findLast((earlier) => earlier.number < segment.number);
  }

  get(number: number): Segment | undefined {
    return this.#segments.get(number);
  }

  /** Adds one found at start; the last one added is the active one. */
  add(segment: Segment): void {
    this.#segments.set(segment.number, segment);
    this.#active = segment;
    this.#lastNumber = segment.number;
  }

  /** Seals the active segment and begins the next; its file is made when it is first written. */
  startNext(): Segment {
    const segment = new Segment(this.directory, this.#lastNumber + 1);
    this.add(segment);
    return segment;
  }

  /** Takes back segments that never got on disk, and what was given out of the one that did. */
  rewind(active: Segment | undefined, bytes: number): void {
    for (const segment of [...this.all()]) {
      if (segment.number > (active?.number ?? 0)) this.#segments.delete(segment.number);
    }
    this.#active = active;
    this.#lastNumber = active?.number ?? 0;
    if (active !== undefined) active.bytes = bytes;
  }

  /** A sealed segment's file is gone. */
  drop(segment: Segment): void {
    this.#segments.delete(segment.number);
  }

  /** A manifest record: it names the sealed segments there are, except those whose removal was decided. */
  manifest(sequence: number): RecordFields {
    const sealed = [...this.all()].filter((segment) => segment !== this.#active && segment.listed);
    const bytes = Buffer.alloc(sealed.length * manifestEntryBytes);
    for (const [index, segment] of sealed.entries()) {
      bytes.writeUInt32LE(segment.number, index * manifestEntryBytes);
      bytes.writeUInt32LE(segment.bytes, index * manifestEntryBytes + 4);
    }
    return {
      kind: RecordKind.manifest,
      endsCommit: true,
      sequence,
      dict: 0,
      generation: 0,
      version: sequence,
      expiresAtMs: Number.POSITIVE_INFINITY,
      key: noBytes,
      value: bytes,
    };
  }
}

/** Reads the value of a manifest record. */
export function decodeManifest(value: Buffer): ManifestEntry[] {
  const entries: ManifestEntry[] = [];
  for (let at = 0; at + manifestEntryBytes <= value.length; at += manifestEntryBytes) {
    entries.push({ number: value.readUInt32LE(at), bytes: value.readUInt32LE(at + 4) });
  }
  return entries;
}
