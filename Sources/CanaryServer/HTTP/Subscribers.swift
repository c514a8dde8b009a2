// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The open streams: limits their number, and ends them together.
final class Subscribers: Sendable {
    /// The most streams open at the same time.
    static let limit = 1000

    private struct State {
        var isClosed = false
        var next = 0
        var streams: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// The number of open streams.
    var count: Int { state.withLock { $0.streams.count } }

    /// Calls `body` with a stream that yields when history may have changed, and that ends with the server.
    ///
    /// - Returns: false, without calling `body`, if too many streams are open or the server is stopping.
    func withSubscription(_ body: (AsyncStream<Void>) async throws -> Void) async rethrows -> Bool {
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

    /// Whether another stream can open.
    var hasRoom: Bool { state.withLock { !$0.isClosed && $0.streams.count < Self.limit } }

    /// Whether the server is stopping.
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Wakes all streams because history may have changed.
    func notifyAll() {
        let streams = state.withLock { Array($0.streams.values) }
        streams.forEach { $0.yield() }
    }

    /// Ends all streams and refuses new ones.
    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            return Array(state.streams.values)
        }
        streams.forEach { $0.finish() }
    }
}
