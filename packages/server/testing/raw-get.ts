import { DictGetRequestSchema } from "@everdict/protocol/api";
import { Http2Flag, Http2Type, http2Frame, http2HeaderBlock, http2Start, uint32 } from "@everdict/testkit";
import { framed } from "./messages.ts";
import { authHeaders } from "./test-server.ts";

const widestBytes = 2 ** 31 - 1;
const firstWindowBytes = 65_535;

/** A gRPC message that asks for a value. */
export const getRequest: Uint8Array = framed(DictGetRequestSchema, {
  dictId: "di-1",
  key: new Uint8Array(1),
});

/** How a client begins whose windows are as wide as can be: everything that it does not read waits in the socket. */
export const wideOpen: readonly Buffer[] = [
  http2Start({ 4: widestBytes }),
  http2Frame({ type: Http2Type.windowUpdate, payload: uint32(widestBytes - firstWindowBytes) }),
];

/** The frames of a whole call for a value. */
export function rawGet(streamId: number): readonly Buffer[] {
  const headers = http2HeaderBlock({
    ":method": "POST",
    ":scheme": "http",
    ":path": "/modal.client.ModalClient/DictGet",
    ":authority": "x",
    "content-type": "application/grpc",
    ...authHeaders,
  });
  return [
    http2Frame({ type: Http2Type.headers, flags: Http2Flag.endHeaders, streamId, payload: headers }),
    http2Frame({ type: Http2Type.data, flags: Http2Flag.endStream, streamId, payload: getRequest }),
  ];
}
