// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What concurrent runs share: build slots, and the builds that several of them need.
actor SharedBuilds {
    /// How many builds run at the same time in all runs together.
    nonisolated let slots: Int
    private var free: Int
    /// The keys being built.
    private var building: Set<String> = []
    /// The results of shared builds.
    private var ended: [String: FinishedBuild] = [:]
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(slots: Int) {
        self.slots = slots
        free = slots
    }

    /// Builds `key` when a slot is free, or returns the result of another run.
    ///
    /// - Parameters:
    ///   - isForAll: whether one build serves all runs; otherwise each run builds its own.
    ///   - body: builds; its argument is whether another run is building the same key.
    func build(
        _ key: String, isForAll: Bool, _ body: @Sendable (Bool) async throws -> FinishedBuild
    ) async throws -> FinishedBuild {
        while free == 0 || isForAll && building.contains(key) {
            await withCheckedContinuation { waiting.append($0) }
        }
        if isForAll, let known = ended[key] { return known }
        free -= 1
        let isConcurrent = !building.insert(key).inserted
        defer { leave(isConcurrent ? nil : key) }
        let finished = try await body(isConcurrent)
        if isForAll, !finished.outcome.isSpoiled { ended[key] = finished }
        return finished
    }

    private func leave(_ key: String?) {
        free += 1
        if let key { building.remove(key) }
        let all = waiting
        waiting = []
        all.forEach { $0.resume() }
    }
}
