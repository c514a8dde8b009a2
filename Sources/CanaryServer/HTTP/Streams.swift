// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryText
import Foundation
import HTTPTypes
import Hummingbird

/// What stays open: events and logs that are followed.
struct Streams: Sendable {
    let subscribers: Subscribers
    let history: HistoryReader?
    let desk: LogReaderPool?

    /// For so long a quiet stream stays quiet.
    private static let pulse = Duration.seconds(15)
    /// How often a followed log is looked at.
    private static let beat = Duration.milliseconds(200)

    var count: Int { subscribers.count }

    private static let full = Response.problem(
        503, "too many streams are open", headers: [.retryAfter: "10"])

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one for each change.
    func events(head: Bool) -> Response {
        guard subscribers.hasRoom else { return Self.full }
        let headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            .accessControlAllowOrigin: "*",
        ]
        guard !head else { return Response(status: .ok, headers: headers) }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [self] writer in
                try await writer.write(ByteBuffer(string: "retry: 2000\n\n" + (try await event())))
                _ = try await subscribers.subscribing { changes in
                    for await isNews in Self.withPulse(changes) {
                        try await writer.write(ByteBuffer(string: isNews ? try await event() : ": still here\n\n"))
                    }
                }
                try await writer.finish(nil)
            })
    }

    private func event() async throws -> String {
        let at = try await history?.lastChange()?.rfc3339
        return "data: {\"changedAt\": \(at.map { "\"\($0)\"" } ?? "null")}\n\n"
    }

    /// `changes` as true, and false whenever nothing came for a while.
    private static func withPulse(_ changes: AsyncStream<Void>) -> AsyncStream<Bool> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let listening = Task {
                for await _ in changes { continuation.yield(true) }
                continuation.finish()
            }
            let beating = Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: pulse)
                    continuation.yield(false)
                }
            }
            continuation.onTermination = { _ in
                listening.cancel()
                beating.cancel()
            }
        }
    }

    /// The log of `attempt`, without escapes; with `follow` until the attempt ends.
    func log(of attempt: String, follow: Bool, head: Bool) async throws -> Response {
        guard let history, let desk, let record = try await history.builds.attempt(attempt) else {
            return .problem(404, "there is no such attempt")
        }
        guard desk.holds(record) else {
            let removedAt = try await history.builds.logRemoval(of: attempt)
            let why = removedAt.map { "was removed at \($0.rfc3339)" } ?? "is not there: nothing was printed"
            return .problem(404, "the log of `\(attempt)` \(why)")
        }
        guard !follow || subscribers.hasRoom else { return Self.full }
        let headers: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
        guard !head else { return Response(status: .ok, headers: headers) }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [subscribers] writer in
                if follow {
                    _ = try await subscribers.subscribing { _ in
                        try await desk.reading(attempt) { reader in
                            try await Self.pour(reader, into: &writer, until: subscribers)
                        }
                    }
                } else {
                    try await desk.reading(attempt) { reader in
                        try await Self.pour(reader, into: &writer, until: nil)
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// Writes what there is; with `following` goes on until the attempt ends or the server does.
    private static func pour(
        _ reader: LogReader, into writer: inout any ResponseBodyWriter, until following: Subscribers?
    ) async throws {
        var position = 0
        while true {
            let piece = try await reader.piece(from: position)
            if piece.text.readableBytes > 0 { try await writer.write(piece.text) }
            if piece.isLast { return }
            if piece.end == position {
                guard let following, !following.isClosed else { return }
                try await Task.sleep(for: beat)
            }
            position = piece.end
        }
    }
}
