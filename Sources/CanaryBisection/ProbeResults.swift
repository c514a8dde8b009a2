// SPDX-License-Identifier: Apache-2.0

/// One answered probe of a search over prefixes.
struct ProbeResult: Hashable, Sendable {
    let position: Int
    let answer: ProbeAnswer
    /// Whether it asked how the base stands now.
    let isControl: Bool
    /// Whether a stored result answered: it says nothing of how things stand now.
    let reused: Bool

    /// The same at a position that is counted from another base.
    func moved(by distance: Int) -> ProbeResult {
        ProbeResult(position: position + distance, answer: answer, isControl: isControl, reused: reused)
    }
}

/// What trials say in the sequence in which they were begun: which count, and whether an outage shows.
///
/// A control asks whether the base still passes. When it fails, it is repeated after waits; when it then passes, the
/// failures since the last pass were the outage's and are dropped.
struct ProbeResults: Hashable, Sendable {
    /// Positions that cannot be asked: those that said so, and those that ended in errors three times and never else.
    let untestable: Set<Int>
    /// Those that count, the failures since the last pass at the end.
    let kept: [ProbeResult]
    /// How many failures there were since the last pass.
    let streak: Int
    /// How many controls failed since the last pass.
    let badControls: Int
    /// How many were built for this search.
    let executed: Int

    /// So many errors at one position are no accident, when others can be asked.
    private static let mostErrors = 3

    private static func lost(_ trials: [ProbeResult]) -> [Int] {
        var errors: [Int: Int] = [:]
        for trial in trials where trial.answer == .error { errors[trial.position, default: 0] += 1 }
        let answered = Set(trials.filter { $0.answer != .error }.map(\.position))
        return errors.filter { $0.value >= mostErrors && !answered.contains($0.key) }.map(\.key)
    }

    init(_ trials: [ProbeResult]) {
        var (kept, streak, badControls) = ([ProbeResult](), [ProbeResult](), 0)
        for trial in trials {
            switch trial.answer {
            case .pass where !trial.reused:
                if !trial.isControl || badControls == 0 { kept += streak }
                kept.append(trial)
                (streak, badControls) = ([], 0)
            case .fail where !trial.reused:
                streak.append(trial)
                if trial.isControl { badControls += 1 }
            case .pass, .fail: kept.append(trial)
            case .untestable, .error: break
            }
        }
        untestable = Set(trials.filter { $0.answer == .untestable }.map(\.position)).union(Self.lost(trials))
        self.kept = kept + streak
        self.streak = streak.count
        self.badControls = badControls
        executed = trials.count { !$0.reused }
    }
}
