// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Finds out whether a commit breaks the build without the commits of other projects before it.
///
/// Its project is built at the commit, all others at the base. If that does not build, the others are rolled back from
/// the commit only as far as it still builds. If it passes, the commit needs another one, which is then searched.
struct Isolation: Sendable {
    /// What comes next.
    enum Step: Hashable, Sendable {
        case probe([PrefixSearch.PositionProbe])
        case found(IsolationFinding)
    }

    private let range: SearchRange
    private let commit: Int
    /// The commits of other projects before it: level `j` includes the first `j` of them, and the commit.
    private let others: [Int]
    /// In the sequence in which they were started; what the search over prefixes knew of the top level comes first.
    private let results: [ProbeResult]
    private let isUniform: Bool
    private let parameters: PrefixSearch.Parameters

    /// - Parameters:
    ///   - probes: all probes with a commit ahead or of the isolation phase, in sequence.
    ///   - known: what the search over prefixes knows of the commit's own position.
    init(
        of commit: Int, in range: SearchRange, probes: [Probe], known: [ProbeResult] = [], isUniform: Bool,
        parameters: PrefixSearch.Parameters
    ) {
        let others = (1..<commit).filter { range[$0].project != range[commit].project }
        self.range = range
        self.commit = commit
        self.others = others
        self.isUniform = isUniform
        self.parameters = parameters
        let own = probes.filter { $0.point.ahead == commit || $0.point == ProbePoint(prefix: commit) }
        results =
            known.map { ProbeResult(position: others.count, answer: $0.answer, isControl: false, reused: true) }
            + own.map { probe in
                ProbeResult(
                    position: others.count { $0 <= probe.point.prefix }, answer: probe.answer,
                    isControl: probe.phase == .control, reused: probe.reused)
            }
    }

    /// The point to build for `level`.
    func point(_ level: Int) -> ProbePoint {
        range.simplified(ProbePoint(prefix: level == 0 ? 0 : others[level - 1], ahead: commit))
    }

    /// What comes next.
    var step: Step {
        guard !others.isEmpty else { return .found(.alone) }
        return count(.untestable, at: 0) > 0 ? rollBack() : judge(0)
    }

    /// Whether the commit passed without some of the others.
    var hasPassed: Bool { results.contains { $0.answer == .pass && $0.position < others.count } }

    private func count(_ answer: ProbeAnswer, at level: Int) -> Int {
        results.count { $0.position == level && $0.answer == answer && !$0.isControl }
    }

    // MARK: - Two agreeing builds

    private static let agreeing = 2
    private static let maxErrors = 4

    /// What two builds at `level` agreed on first; later builds belong to the search that followed.
    private func agreed(at level: Int) -> ProbeAnswer? {
        var counts: [ProbeAnswer: Int] = [:]
        for result in results where result.position == level && !result.isControl {
            counts[result.answer, default: 0] += 1
            if result.answer == .pass || result.answer == .fail, counts[result.answer] == Self.agreeing {
                return result.answer
            }
        }
        return nil
    }

    private func judge(_ level: Int) -> Step {
        switch agreed(at: level) {
        case .pass: return partner(above: level)
        case .fail: return .found(broken(at: level))
        default: break
        }
        if count(.error, at: level) >= Self.maxErrors { return .found(.open) }
        let missing = Self.agreeing - max(count(.pass, at: level), count(.fail, at: level))
        return .probe(
            Array(repeating: PrefixSearch.PositionProbe(position: level), count: min(missing, parameters.workers)))
    }

    private func broken(at level: Int) -> IsolationFinding {
        level == 0 ? .alone : .needs(others[level - 1])
    }

    // MARK: - Rolling the others back

    private static let extraBuilds = 8

    /// Halves the range between the lowest level that builds and the highest that does not.
    private func rollBack() -> Step {
        let top = others.count
        let budget = Self.extraBuilds - results.count { (1..<top).contains($0.position) && !$0.reused }
        var (low, high) = (0, top)
        while high - low > 1 {
            let middle = (low + high) / 2
            if count(.untestable, at: middle) > 0 {
                low = middle
            } else if count(.pass, at: middle) + count(.fail, at: middle) > 0 {
                high = middle
            } else if budget > 0 {
                return .probe([PrefixSearch.PositionProbe(position: middle)])
            } else {
                break
            }
        }
        if high == top { return .found(broken(at: top)) }
        if budget > 0 || agreed(at: high) != nil { return judge(high) }
        return count(.fail, at: high) > 0 ? .found(broken(at: high)) : partner(above: high)
    }

    // MARK: - The other commit of a pair

    /// Less than a culprit needs: it is certain that two commits are involved, and people see which.
    private static let confidence = 0.97

    /// Searches the others above `level`, where the build passes, for the commit that is needed.
    private func partner(above level: Int) -> Step {
        let candidates = Array(others[level...])
        var parameters = parameters
        parameters.confidence = min(parameters.confidence, Self.confidence)
        (parameters.built, parameters.needsProof, parameters.isIsolated) = ([], false, false)
        let search = PrefixSearch(
            prior: SearchPrior.partners(candidates, of: range, isUniform: isUniform), parameters: parameters,
            results: results.filter { $0.position >= level }.map { $0.moved(by: -level) })
        switch search.step {
        case .probe(let probes):
            return .probe(
                probes.map {
                    PrefixSearch.PositionProbe(position: $0.position + level, isControl: $0.isControl, wait: $0.wait)
                })
        case .ended(.commits(let suspects)):
            let probable = suspects.map { range.suspect(candidates[$0 - 1], search.posterior.probabilities[$0]) }
            return .found(probable.max { $0.probability < $1.probability }.map { .pair(with: $0) } ?? .open)
        case .ended: return .found(.open)
        }
    }
}
