// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Decides who may send requests, and limits how often an address may send a wrong token.
///
/// The token is compared first, so that whoever shares an address with a flood of wrong ones is not locked out.
final class BearerAuthenticator: Sendable {
    /// The decision about one request.
    enum Decision: Hashable, Sendable {
        case accepted
        /// The server has no token, so no request can be accepted.
        case disabled
        case invalidToken
        /// The token is wrong, as many others from this address were.
        case tooManyTries
    }

    /// Wrong tokens that one address may send at once, and the rate at which it may send more.
    private static let burst = 30.0
    private static let refillPerSecond = 1.0
    /// The most addresses remembered; one more clears them all.
    private static let maximumAddresses = 10_000

    private struct TokenBucket {
        var level: Double
        var updatedAt: ContinuousClock.Instant
    }

    private let token: [UInt8]?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = Mutex<[String: TokenBucket]>([:])

    /// - Parameter token: nil or empty refuses every request.
    init(token: String?, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        self.token = token.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    }

    /// Checks the header `Authorization` of a request from `address`.
    func check(_ authorization: String?, from address: String) -> Decision {
        guard let token else { return .disabled }
        let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
        if words.count == 2, words[0].lowercased() == "bearer", Self.areEqual(Array(words[1].utf8), token) {
            return .accepted
        }
        return take(from: address) ? .invalidToken : .tooManyTries
    }

    /// Compares in a time that does not depend on which byte differs, for values of the same length.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : ~right[index]) }
        return difference == 0
    }

    private func take(from address: String) -> Bool {
        let now = now()
        return buckets.withLock { buckets in
            if buckets.count > Self.maximumAddresses { buckets = [:] }
            var bucket = buckets[address] ?? TokenBucket(level: Self.burst, updatedAt: now)
            let elapsed = bucket.updatedAt.duration(to: now) / .seconds(1)
            bucket.level = min(Self.burst, bucket.level + elapsed * Self.refillPerSecond)
            bucket.updatedAt = now
            defer { buckets[address] = bucket }
            guard bucket.level >= 1 else { return false }
            bucket.level -= 1
            return true
        }
    }
}
