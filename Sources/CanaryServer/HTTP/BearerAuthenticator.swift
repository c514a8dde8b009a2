// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Who may change something, and how often somebody may try.
final class BearerAuthenticator: Sendable {
    /// What the gate says.
    enum Answer: Hashable, Sendable {
        case open
        /// There is no token that could be right.
        case shut
        case wrong
        case tooOften
    }

    /// Tries at once of one address, and per second after that.
    private static let burst = 30.0
    private static let perSecond = 1.0
    /// Addresses remembered; beyond that all are forgotten.
    private static let addresses = 10_000

    private struct TokenBucket {
        var level: Double
        var at: ContinuousClock.Instant
    }

    private let token: [UInt8]?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = Mutex<[String: TokenBucket]>([:])

    /// - Parameter token: nil or empty refuses everybody.
    init(token: String?, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        self.token = token.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    }

    /// Judges the value of a header `Authorization` from `address`.
    func judge(_ authorization: String?, from address: String) -> Answer {
        guard let token else { return .shut }
        guard take(from: address) else { return .tooOften }
        let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return .wrong }
        return Self.areSame(Array(words[1].utf8), token) ? .open : .wrong
    }

    /// Takes the same time whichever byte differs, for values of one length.
    static func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : ~right[index]) }
        return difference == 0
    }

    private func take(from address: String) -> Bool {
        let now = now()
        return buckets.withLock { buckets in
            if buckets.count > Self.addresses { buckets = [:] }
            var bucket = buckets[address] ?? TokenBucket(level: Self.burst, at: now)
            let passed = bucket.at.duration(to: now) / .seconds(1)
            bucket.level = min(Self.burst, bucket.level + passed * Self.perSecond)
            bucket.at = now
            defer { buckets[address] = bucket }
            guard bucket.level >= 1 else { return false }
            bucket.level -= 1
            return true
        }
    }
}
