// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1

/// Serves clients of HTTP/1.0, and responses to HEAD whose length is not known.
///
/// The server behind it knows one version: it would send chunks that such a client does not understand, and keep the
/// connection open. It also passes on a missing field `Host`, which only HTTP/1.0 may leave out, and repeated ones; it
/// does not know that the host can stand in the target of a request, and leaves who expects `100 Continue` waiting.
final class HTTPVersions: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isOld = false
    private var endsConnection = false
    /// How many requests have no whole response yet.
    private var unanswered = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        isOld = head.version.major == 1 && head.version.minor == 0
        if isOld { head.headers.replaceOrAdd(name: "connection", value: "close") }
        let hosts = head.headers["host"]
        // An empty name is one that no server has.
        if hosts.count > 1 || hosts.isEmpty && !isOld {
            head.headers.replaceOrAdd(name: "host", value: "")
        } else if let target = AbsoluteTarget(head.uri) {
            head.headers.replaceOrAdd(name: "host", value: target.authority)
            head.uri = target.path
        }
        // Between the parts of another response it would be read as one of them; clients do not wait for long.
        if !isOld, unanswered == 0, head.headers[canonicalForm: "expect"].contains(where: Self.isContinue) {
            let response = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        }
        unanswered += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private static func isContinue(_ expectation: Substring) -> Bool { expectation.lowercased() == "100-continue" }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
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

/// A request's target with a host of its own, as clients send it to a proxy: it counts in place of the field `Host`
/// (RFC 9112, 3.2.2).
struct AbsoluteTarget: Hashable {
    /// The host and its port, as written.
    let authority: String
    /// The path and the query.
    let path: String

    /// Reads `target`; nil when it has another form.
    init?(_ target: String) {
        guard !target.hasPrefix("/"), let scheme = target.range(of: "://") else { return nil }
        let rest = target[scheme.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        authority = String(rest[..<end])
        path = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/\(rest[end...])"
    }
}
