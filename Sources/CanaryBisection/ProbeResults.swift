// SPDX-License-Identifier: Apache-2.0

/// One answered probe of a search over prefixes.
struct ProbeResult: Hashable, Sendable {
    let position: Int
    let answer: ProbeAnswer
    /// Whether it checked that the base still passes.
    let isControl: Bool
    /// Whether a stored result answered; such a result says nothing about the present state of the machine.
    let reused: Bool

    /// The same result at a position counted from another base.
    func moved(by distance: Int) -> ProbeResult {
        ProbeResult(position: position + distance, answer: answer, isControl: isControl, reused: reused)
    }
}

/// Results in the sequence in which they were started: which of them count, and whether they show an outage.
///
/// A control checks that the base still passes. When it fails, it is repeated after a wait; when it then passes, the
/// failures since the last pass were caused by the outage and are dropped.
struct ProbeResults: Hashable, Sendable {
    /// Positions that cannot be tested: those that were untestable, and those that only ever ended in errors, three times.
    let untestable: Set<Int>
    /// The results that count; the failures since the last pass come last.
    let counted: [ProbeResult]
    /// How many failures there were since the last pass.
    let streak: Int
    /// How many controls failed since the last pass.
    let badControls: Int
    /// How many results were built for this search.
    let executed: Int

    /// So many errors at one position are not an accident, as long as other positions can be built.
    private static let mostErrors = 3

    private static func lost(_ results: [ProbeResult]) -> [Int] {
        var errors: [Int: Int] = [:]
        for result in results where result.answer == .error { errors[result.position, default: 0] += 1 }
        let answered = Set(results.filter { $0.answer != .error }.map(\.position))
        return errors.filter { $0.value >= mostErrors && !answered.contains($0.key) }.map(\.key)
    }

    init(_ results: [ProbeResult]) {
        var (counted, streak, badControls) = ([ProbeResult](), [ProbeResult](), 0)
        for result in results {
            switch result.answer {
            case .pass where !result.reused:
                if !result.isControl || badControls == 0 { counted += streak }
                counted.append(result)
                (streak, badControls) = ([], 0)
            case .fail where !result.reused:
                streak.append(result)
                if result.isControl { badControls += 1 }
            case .pass, .fail: counted.append(result)
            case .untestable, .error: break
            }
        }
        untestable = Set(results.filter { $0.answer == .untestable }.map(\.position)).union(Self.lost(results))
        self.counted = counted + streak
        self.streak = streak.count
        self.badControls = badControls
        executed = results.count { !$0.reused }
    }
}
