// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import Synchronization

/// The responses of the present state of history: a lookup costs no query, and a change of history empties the cache.
final class ResponseCache: Sendable {
    /// Counts the changes of history: a response of an older version is not stored.
    typealias ContentVersion = Int

    /// The result of a lookup.
    enum Lookup: Sendable {
        case found(CachedResponse?)
        case missing(ContentVersion)
    }

    /// The most bytes stored; a response that would exceed it empties the cache first.
    private static let capacity = 48 << 20
    /// How long a check of history stays valid.
    private static let checkInterval = Duration.milliseconds(10)

    private struct State {
        var version: ContentVersion = 0
        var historyVersion: Int64 = .min
        var checkedAt: ContinuousClock.Instant?
        var responses: [SiteAddress: CachedResponse?] = [:]
        var byteCount = 0
    }

    private let watch: HistoryWatch?
    private let state = Mutex(State())

    /// - Parameter watch: nil where history cannot change.
    init(watch: HistoryWatch?) { self.watch = watch }

    /// The response stored for `address`; nil inside `found` means that nothing exists there.
    func lookUp(_ address: SiteAddress) -> Lookup {
        state.withLock { state in
            refresh(&state)
            return state.responses[address].map { .found($0) } ?? .missing(state.version)
        }
    }

    /// Stores a response that was rendered for `version`; does nothing if history has changed since.
    func store(_ response: CachedResponse?, at address: SiteAddress, of version: ContentVersion) {
        state.withLock { state in
            guard state.version == version else { return }
            let byteCount = (response?.byteCount ?? 0) + 256
            if state.byteCount + byteCount > Self.capacity {
                state.responses = [:]
                state.byteCount = 0
            }
            state.responses[address] = .some(response)
            state.byteCount += byteCount
        }
    }

    /// The present version; each change of history increases it.
    var version: ContentVersion {
        state.withLock { state in
            refresh(&state)
            return state.version
        }
    }

    private func refresh(_ state: inout State) {
        let now = ContinuousClock.now
        if let last = state.checkedAt, last.duration(to: now) < Self.checkInterval { return }
        state.checkedAt = now
        guard let watch else { return }
        // An error counts as a change: the query that follows reports it.
        let version = (try? watch.version()) ?? .max
        guard version != state.historyVersion || version == .max else { return }
        state.historyVersion = version
        state.version += 1
        state.responses = [:]
        state.byteCount = 0
    }
}
