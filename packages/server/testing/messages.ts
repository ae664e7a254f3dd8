import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { frame } from "./raw-client.ts";

/** A message in its frame, ready to be sent. */
export function framed<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Buffer {
  return frame(toBinary(schema, create(schema, init)));
}
