// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What concurrent runs share: build slots, and the builds that several of them need.
package actor SharedBuilds {
    /// Who may build a key while another run builds it.
    enum Sharing: Sendable {
        /// One build serves all runs.
        case one
        /// Each run builds its own, one after another: others build upon it.
        case inTurn
        /// Each run builds its own, at the same time if need be.
        case each
    }

    /// How many builds run at the same time in all runs together.
    private nonisolated let slots: Int
    /// Whether the results of shared builds hold for later runs too, as in one search.
    private nonisolated let isOfOneSearch: Bool
    /// How many attempts share the machine; nil where that varies.
    nonisolated var share: Int? { isOfOneSearch ? slots : nil }
    private var free: Int
    /// The keys being built.
    private var building: Set<String> = []
    /// The results of shared builds.
    private var ended: [String: FinishedBuild] = [:]
    /// How many runs wait for the result of a key.
    private var takers: [String: Int] = [:]
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Makes the slots that runs beside each other share; none of them knows the results of the others.
    package init(slots: Int) {
        self.init(slots: slots, isOfOneSearch: false)
    }

    /// - Parameter isOfOneSearch: whether results of shared builds hold for later runs too.
    init(slots: Int, isOfOneSearch: Bool) {
        self.slots = slots
        self.isOfOneSearch = isOfOneSearch
        free = slots
    }

    /// Builds `key` when a slot is free, or returns the result of another run.
    ///
    /// - Parameters:
    ///   - sharing: what happens while another run builds the same key.
    ///   - stop: ends the wait for a slot, once `wake` is called; the build is then cancelled.
    ///   - body: builds; its argument is whether another run is building the same key.
    func build(
        _ key: String, _ sharing: Sharing, stop: StopSignal = StopSignal(),
        _ body: @Sendable (Bool) async throws -> FinishedBuild
    ) async throws -> FinishedBuild {
        if sharing == .one { takers[key, default: 0] += 1 }
        while !stop.isRaised, free == 0 || sharing != .each && building.contains(key) {
            await withCheckedContinuation { waiting.append($0) }
        }
        if sharing == .one {
            defer { leaveTaker(of: key) }
            if let known = ended[key] { return known }
        }
        guard !stop.isRaised else { return FinishedBuild(outcome: Outcome(result: .cancelled)) }
        free -= 1
        let isConcurrent = !building.insert(key).inserted
        defer { leave(isConcurrent ? nil : key) }
        let finished = try await body(isConcurrent)
        let isWanted = sharing == .one && isOfOneSearch || takers[key] != nil
        if isWanted, !finished.outcome.isSpoiled { ended[key] = finished }
        return finished
    }

    private func leaveTaker(of key: String) {
        takers[key] = takers[key].flatMap { $0 > 1 ? $0 - 1 : nil }
        if takers[key] == nil, !isOfOneSearch { ended[key] = nil }
    }

    private func leave(_ key: String?) {
        free += 1
        if let key { building.remove(key) }
        wake()
    }

    /// Lets all that wait look again.
    func wake() {
        let all = waiting
        waiting = []
        all.forEach { $0.resume() }
    }
}
