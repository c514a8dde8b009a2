// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What passes beside each other share: places to build at, and what was built for several of them.
actor SharedBuilds {
    /// How many builds go at once in all passes together.
    nonisolated let places: Int
    private var free: Int
    /// Keys that are being built.
    private var building: Set<String> = []
    /// How builds for all ended.
    private var ended: [String: FinishedBuild] = [:]
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) {
        self.places = places
        free = places
    }

    /// Builds `key` when there is a place and nobody else builds it; or says what it came to for another pass.
    ///
    /// - Parameter isForAll: whether one build serves all passes; else each makes its own, one after the other.
    func build(
        _ key: String, isForAll: Bool, _ body: @Sendable () async throws -> FinishedBuild
    ) async throws -> FinishedBuild {
        while free == 0 || building.contains(key) {
            await withCheckedContinuation { waiting.append($0) }
        }
        if isForAll, let known = ended[key] { return known }
        free -= 1
        building.insert(key)
        defer { leave(key) }
        let finished = try await body()
        if isForAll, !finished.outcome.isSpoiled { ended[key] = finished }
        return finished
    }

    private func leave(_ key: String) {
        free += 1
        building.remove(key)
        let all = waiting
        waiting = []
        all.forEach { $0.resume() }
    }
}
