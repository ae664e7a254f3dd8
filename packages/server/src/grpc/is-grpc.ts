/**
 * Whether a content type is gRPC with protobuf messages: `application/grpc` or `application/grpc+proto`, with or
 * without parameters. Other kinds (`+json`, `-web`) are not: PROTOCOL-HTTP2.md of the gRPC project has them answered with HTTP 415.
 */
export function isGrpcContentType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(\+proto)?\s*($|;)/i.test(contentType);
}
