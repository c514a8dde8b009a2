// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
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

    /// Builds `key` when there is a place; or says what it came to for another pass.
    ///
    /// - Parameters:
    ///   - isForAll: whether one build serves all passes; else each makes its own.
    ///   - body: builds; its argument says whether somebody else builds the same at this moment.
    func build(
        _ key: String, isForAll: Bool, _ body: @Sendable (Bool) async throws -> FinishedBuild
    ) async throws -> FinishedBuild {
        while free == 0 || isForAll && building.contains(key) {
            await withCheckedContinuation { waiting.append($0) }
        }
        if isForAll, let known = ended[key] { return known }
        free -= 1
        let isBeside = !building.insert(key).inserted
        defer { leave(isBeside ? nil : key) }
        let finished = try await body(isBeside)
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
