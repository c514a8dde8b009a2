// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Streams that stay open: how many there may be, and how they end together.
final class Subscribers: Sendable {
    /// Streams open at a time.
    static let limit = 1000

    private struct State {
        var isClosed = false
        var next = 0
        var streams: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// How many are open.
    var count: Int { state.withLock { $0.streams.count } }

    /// Gives `body` a stream that yields when something may be new and ends when the server does.
    ///
    /// - Returns: false, and `body` is not called, when too many are open or the server ends.
    func subscribing(_ body: (AsyncStream<Void>) async throws -> Void) async rethrows -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            guard !state.isClosed, state.streams.count < Self.limit else { return nil }
            state.next += 1
            state.streams[state.next] = continuation
            return state.next
        }
        guard let number else { return false }
        defer { state.withLock { $0.streams[number] = nil } }
        try await body(stream)
        return true
    }

    /// Whether one more may open.
    var hasRoom: Bool { state.withLock { !$0.isClosed && $0.streams.count < Self.limit } }

    /// Whether the server ends.
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Tells all that something may be new.
    func ring() {
        let streams = state.withLock { Array($0.streams.values) }
        streams.forEach { $0.yield() }
    }

    /// Ends all, for ever.
    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            return Array(state.streams.values)
        }
        streams.forEach { $0.finish() }
    }
}
