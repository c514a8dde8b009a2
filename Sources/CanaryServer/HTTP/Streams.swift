// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryText
import Foundation
import HTTPTypes
import Hummingbird

/// Responses that stay open: events, and logs that are followed.
struct Streams: Sendable {
    let subscribers: Subscribers
    let history: HistoryReader?
    let logReaders: LogReaderPool?

    /// A stream without events sends a comment this often, so that proxies keep it open.
    private static let keepAlive = Duration.seconds(15)
    /// How often a followed log is read.
    private static let pollInterval = Duration.milliseconds(200)

    var count: Int { subscribers.count }

    private static let full = Response.problem(
        503, "too many streams are open", headers: [.retryAfter: "10"])

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one for each change of history.
    func events(head: Bool) -> Response {
        guard subscribers.hasRoom else { return Self.full }
        let headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            .accessControlAllowOrigin: "*",
        ]
        guard !head else { return Self.headOnly(headers) }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [self] writer in
                try await writer.write(ByteBuffer(string: "retry: 2000\n\n" + (try await event())))
                _ = try await subscribers.withSubscription { changes in
                    for await isChange in Self.withKeepAlive(changes) {
                        try await writer.write(ByteBuffer(string: isChange ? try await event() : ": still here\n\n"))
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// The response to HEAD: the length of a stream is not known, so the connection ends after it.
    private static func headOnly(_ headers: HTTPFields) -> Response {
        var headers = headers
        headers[.connection] = "close"
        return Response(status: .ok, headers: headers, body: ResponseBody { writer in try await writer.finish(nil) })
    }

    private func event() async throws -> String {
        let at = try await history?.lastChange()?.rfc3339
        return "data: {\"changedAt\": \(at.map { "\"\($0)\"" } ?? "null")}\n\n"
    }

    /// Yields true for each change, and false whenever there was none for `keepAlive`.
    private static func withKeepAlive(_ changes: AsyncStream<Void>) -> AsyncStream<Bool> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let listening = Task {
                for await _ in changes { continuation.yield(true) }
                continuation.finish()
            }
            let ticking = Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: keepAlive)
                    continuation.yield(false)
                }
            }
            continuation.onTermination = { _ in
                listening.cancel()
                ticking.cancel()
            }
        }
    }

    /// What a request for a log asks for.
    struct LogRequest {
        /// Whether to wait for more until the attempt ends.
        let follow: Bool
        /// The number of bytes that the client has already.
        let skip: Int

        /// Reads `follow=1` and `skip=N` in the query of a request.
        init(query: Substring) {
            let fields = query.split(separator: "&")
            follow = fields.contains("follow=1")
            skip = fields.lazy.filter { $0.hasPrefix("skip=") }.compactMap { Int($0.dropFirst(5)) }.first ?? 0
        }
    }

    /// The log of `attempt` without escape sequences.
    func log(of attempt: String, _ asked: LogRequest, head: Bool) async throws -> Response {
        guard let history, let logReaders, let record = try await history.builds.attempt(attempt) else {
            return .problem(404, "there is no such attempt")
        }
        guard logReaders.hasLog(of: record) else {
            let removedAt = try await history.builds.logRemoval(of: attempt)
            let why = removedAt.map { "was removed at \($0.rfc3339)" } ?? "does not exist: nothing was printed"
            return .problem(404, "the log of `\(attempt)` \(why)")
        }
        guard !asked.follow || subscribers.hasRoom else { return Self.full }
        let headers: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
        guard !head else { return Self.headOnly(headers) }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [subscribers] writer in
                if asked.follow {
                    _ = try await subscribers.withSubscription { _ in
                        try await logReaders.withReader(of: attempt) { reader in
                            try await Self.copy(reader, into: &writer, skipping: asked.skip, until: subscribers)
                        }
                    }
                } else {
                    try await logReaders.withReader(of: attempt) { reader in
                        try await Self.copy(reader, into: &writer, skipping: asked.skip, until: nil)
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// Writes the log as it is now, without its first bytes; with `following`, continues until the attempt or the server
    /// ends.
    private static func copy(
        _ reader: LogReader, into writer: inout any ResponseBodyWriter, skipping count: Int,
        until following: Subscribers?
    ) async throws {
        var (position, skipped) = (0, max(0, count))
        while true {
            let piece = try await reader.piece(from: position)
            var text = piece.text
            let unwanted = min(skipped, text.readableBytes)
            text.moveReaderIndex(forwardBy: unwanted)
            skipped -= unwanted
            if text.readableBytes > 0 { try await writer.write(text) }
            // A client that is as fast as we are would otherwise keep a thread until the end of a large log.
            await Task.yield()
            if piece.isLast { return }
            if piece.end == position {
                guard let following, !following.isClosed else { return }
                try await Task.sleep(for: pollInterval)
            }
            position = piece.end
        }
    }
}
