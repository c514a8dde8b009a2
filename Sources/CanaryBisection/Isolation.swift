// SPDX-License-Identifier: Apache-2.0

/// Whether a commit breaks without the commits of other projects before it: rules.md 4.3.
///
/// Its project stands at the commit, all others at the base. Where that cannot be built, the others are rolled back
/// from the commit as far as still builds. Where it passes, the commit needs another one, and that is searched.
struct Isolation: Sendable {
    /// What comes next.
    enum Step: Hashable, Sendable {
        case ask([PrefixSearch.Ask])
        case found(IsolationFinding)
    }

    private let range: SearchRange
    private let commit: Int
    /// The commits of other projects before it: level `j` has the first `j` of them, beside the commit.
    private let others: [Int]
    /// In the sequence in which they were begun; what the search before knew of the top level comes first.
    private let trials: [ProbeResult]
    private let isUniform: Bool
    private let terms: PrefixSearch.Terms

    /// - Parameters:
    ///   - probes: all that were made with a commit ahead or in this phase, in sequence.
    ///   - known: what the search before knew of the commit's own position.
    init(
        of commit: Int, in range: SearchRange, probes: [Probe], known: [ProbeResult] = [], isUniform: Bool,
        terms: PrefixSearch.Terms
    ) {
        let others = (1..<commit).filter { range[$0].project != range[commit].project }
        self.range = range
        self.commit = commit
        self.others = others
        self.isUniform = isUniform
        self.terms = terms
        let own = probes.filter { $0.point.ahead == commit || $0.point == ProbePoint(prefix: commit) }
        trials =
            known.map { ProbeResult(position: others.count, answer: $0.answer, isControl: false, reused: true) }
            + own.map { probe in
                ProbeResult(
                    position: others.count { $0 <= probe.point.prefix }, answer: probe.answer,
                    isControl: probe.phase == .control, reused: probe.reused)
            }
    }

    /// The point at `level`.
    func point(_ level: Int) -> ProbePoint {
        range.simplified(ProbePoint(prefix: level == 0 ? 0 : others[level - 1], ahead: commit))
    }

    /// What comes next.
    var step: Step {
        guard !others.isEmpty else { return .found(.alone) }
        return count(.untestable, at: 0) > 0 ? rollBack() : judge(0)
    }

    /// Whether it passed without some of the others.
    var hasPassed: Bool { trials.contains { $0.answer == .pass && $0.position < others.count } }

    private func count(_ answer: ProbeAnswer, at level: Int) -> Int {
        trials.count { $0.position == level && $0.answer == answer && !$0.isControl }
    }

    // MARK: - Two agreeing builds

    private static let agreeing = 2
    private static let errors = 4

    /// What two builds at `level` agreed on first: later ones belong to the search that followed.
    private func agreed(at level: Int) -> ProbeAnswer? {
        var counts: [ProbeAnswer: Int] = [:]
        for trial in trials where trial.position == level && !trial.isControl {
            counts[trial.answer, default: 0] += 1
            if trial.answer == .pass || trial.answer == .fail, counts[trial.answer] == Self.agreeing {
                return trial.answer
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
        if count(.error, at: level) >= Self.errors { return .found(.open) }
        let missing = Self.agreeing - max(count(.pass, at: level), count(.fail, at: level))
        return .ask(Array(repeating: PrefixSearch.Ask(position: level), count: min(missing, terms.workers)))
    }

    private func broken(at level: Int) -> IsolationFinding {
        level == 0 ? .alone : .inCompany(of: others[level - 1])
    }

    // MARK: - Rolling the others back

    private static let extraBuilds = 8

    /// Halves between the lowest level that builds and the highest that does not.
    private func rollBack() -> Step {
        let top = others.count
        let room = Self.extraBuilds - trials.count { (1..<top).contains($0.position) && !$0.reused }
        var (low, high) = (0, top)
        while high - low > 1 {
            let middle = (low + high) / 2
            if count(.untestable, at: middle) > 0 {
                low = middle
            } else if count(.pass, at: middle) + count(.fail, at: middle) > 0 {
                high = middle
            } else if room > 0 {
                return .ask([PrefixSearch.Ask(position: middle)])
            } else {
                break
            }
        }
        if high == top { return .found(broken(at: top)) }
        if room > 0 || agreed(at: high) != nil { return judge(high) }
        return count(.fail, at: high) > 0 ? .found(broken(at: high)) : partner(above: high)
    }

    // MARK: - The other one of a pair

    /// A pair is named at less than a culprit: that two commits are in it is certain, which they are is shown to people.
    private static let confidence = 0.97

    /// Searches what is needed among the others above `level`, where the build passes.
    private func partner(above level: Int) -> Step {
        let candidates = Array(others[level...])
        var terms = terms
        terms.confidence = min(terms.confidence, Self.confidence)
        (terms.built, terms.needsProof, terms.isIsolated) = ([], false, false)
        let search = PrefixSearch(
            prior: SearchPrior.partners(candidates, of: range, isUniform: isUniform), terms: terms,
            trials: trials.filter { $0.position >= level }.map { $0.moved(by: -level) })
        switch search.step {
        case .ask(let asks):
            return .ask(
                asks.map {
                    PrefixSearch.Ask(position: $0.position + level, isControl: $0.isControl, wait: $0.wait)
                })
        case .ended(.commits(let suspects)):
            let probable = suspects.map {
                Candidate(commit: candidates[$0 - 1], probability: search.posterior.probabilities[$0])
            }
            return .found(probable.max { $0.probability < $1.probability }.map { .together(with: $0) } ?? .open)
        case .ended: return .found(.open)
        }
    }
}
