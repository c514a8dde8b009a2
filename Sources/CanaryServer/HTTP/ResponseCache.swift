// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import Synchronization

/// Renditions of history as it is now: a look costs no query, and whatever is kept goes when history changes.
final class ResponseCache: Sendable {
    /// Where a rendition belongs: one of an older edition is not put up.
    typealias ContentVersion = Int

    /// What a look found.
    enum Look: Sendable {
        case found(CachedResponse?)
        case missing(ContentVersion)
    }

    /// Bytes kept; when more are put up the shelf is emptied.
    private static let room = 48 << 20
    /// For so long a look believes the last one.
    private static let patience = Duration.milliseconds(10)

    private struct State {
        var edition: ContentVersion = 0
        var version: Int64 = .min
        var lookedAt: ContinuousClock.Instant?
        var renditions: [SiteAddress: CachedResponse?] = [:]
        var weight = 0
    }

    private let watch: HistoryWatch?
    private let state = Mutex(State())

    /// - Parameter watch: nil where history cannot change.
    init(watch: HistoryWatch?) { self.watch = watch }

    /// What is kept at `address`; nil in `found` says that nothing is there.
    func look(at address: SiteAddress) -> Look {
        state.withLock { state in
            refresh(&state)
            return state.renditions[address].map { .found($0) } ?? .missing(state.edition)
        }
    }

    /// Puts up what was made for `edition`.
    func put(_ rendition: CachedResponse?, at address: SiteAddress, of edition: ContentVersion) {
        state.withLock { state in
            guard state.edition == edition else { return }
            let weight = (rendition?.weight ?? 0) + 256
            if state.weight + weight > Self.room {
                state.renditions = [:]
                state.weight = 0
            }
            state.renditions[address] = .some(rendition)
            state.weight += weight
        }
    }

    /// The edition now: another one whenever history changed.
    var edition: ContentVersion {
        state.withLock { state in
            refresh(&state)
            return state.edition
        }
    }

    private func refresh(_ state: inout State) {
        let now = ContinuousClock.now
        if let last = state.lookedAt, last.duration(to: now) < Self.patience { return }
        state.lookedAt = now
        guard let watch else { return }
        // What cannot be asked is taken for changed: the query that follows says what is wrong.
        let version = (try? watch.version()) ?? .max
        guard version != state.version || version == .max else { return }
        state.version = version
        state.edition += 1
        state.renditions = [:]
        state.weight = 0
    }
}
