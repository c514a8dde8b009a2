// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Serves clients of HTTP/1.0, and responses to HEAD whose length is not known.
///
/// The server behind it knows one version: it would send chunks that such a client does not understand, and keep the
/// connection open. It also passes on a missing field `Host`, which only HTTP/1.0 may leave out, and repeated ones.
final class HTTPVersions: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isOld = false
    private var endsConnection = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        isOld = head.version.major == 1 && head.version.minor == 0
        if isOld { head.headers.replaceOrAdd(name: "connection", value: "close") }
        let hosts = head.headers["host"]
        // An empty name is one that no server has.
        if hosts.count > 1 || hosts.isEmpty && !isOld { head.headers.replaceOrAdd(name: "host", value: "") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            let closes = head.headers["connection"].contains("close") && !head.headers.contains(name: "content-length")
            endsConnection = isOld || closes
            if endsConnection {
                // The encoder then neither sends chunks nor marks their end.
                head.version = .http1_0
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where endsConnection:
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
        case .body, .end: context.write(data, promise: promise)
        }
    }

    /// Puts an `HTTPVersions` right behind the decoder of a new connection, where versions are still known.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Never

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            if let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
                try? pipeline.addHandler(HTTPVersions(), position: .after(decoder))
            }
            _ = pipeline.removeHandler(context: context)
        }
    }
}
