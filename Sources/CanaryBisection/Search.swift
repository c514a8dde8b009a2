// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// A search for the commit that broke a build, as a value.
///
/// It says what to build next and records the answers. It decides from the probes alone: the same probes, in whatever
/// order and however often they are recorded, give the same requests and the same verdict. So a search is continued by
/// recording the stored probes again.
package struct Search: Sendable {
    /// The commits between good and bad.
    package let range: SearchRange
    /// How often builds mislead.
    package let rates: SearchRates
    /// The options.
    package let options: SearchOptions
    /// What to build now, until all of it is answered; empty when nothing is left to do.
    package private(set) var next: [ProbeRequest] = []
    /// The result; nil while the search goes on.
    package private(set) var verdict: SearchResult?
    /// What the confirming builds say; nil when there is nothing to confirm.
    package private(set) var confirmation: Confirmation?
    /// The probability of each suspect so far; nil when there are no commits.
    package private(set) var posterior: Posterior?
    /// How many more builds the search is expected to need; 0 when it has ended.
    package private(set) var expectedBuilds = 0

    private let prior: [Double]
    private let parameters: PrefixSearch.Parameters
    private let isOfSeveral: Bool
    private var recorded: [Int: Probe] = [:]
    /// The probes of complete rounds, in sequence: only these decide.
    private var settled: [Probe] = []

    /// Starts a search, or continues one.
    ///
    /// - Parameter probes: what an earlier search over the same range has recorded.
    package init(
        _ range: SearchRange, rates: SearchRates = SearchRates(), options: SearchOptions = SearchOptions(),
        probes: [Probe] = []
    ) {
        self.range = range
        self.rates = rates
        self.options = options
        prior = SearchPrior.weights(
            of: range, isUniform: options.isUniform, suspected: options.suspected, named: options.named ?? [],
            refused: options.refused)
        isOfSeveral = range.projects.count > 1
        parameters = options.parameters(rates: rates, commits: range.count, isIsolated: isOfSeveral)
        for probe in probes { note(probe) }
        decide()
        settle()
    }

    /// The search with one more answer; an answer that it already has changes nothing.
    package func recording(_ probe: Probe) -> Search {
        var search = self
        search.record(probe)
        return search
    }

    /// Records an answer; an answer that it already has changes nothing.
    package mutating func record(_ probe: Probe) {
        note(probe)
        settle()
    }

    /// The same search with other options and all recorded answers.
    package func with(_ options: SearchOptions) -> Search {
        Search(range, rates: rates, options: options, probes: probes)
    }

    /// All recorded answers, by number.
    package var probes: [Probe] { recorded.values.sorted { $0.n < $1.n } }

    /// The project that is to blame with a probability of 0.95 or more, even while its commit is not known.
    package var project: String? {
        guard let posterior else { return nil }
        var shares: [String: Double] = [:]
        for (commit, probability) in zip(range.commits, posterior.commits) {
            shares[commit.project, default: 0] += probability
        }
        return shares.first { $0.value >= 0.95 }?.key
    }

    // MARK: - Recording answers

    private mutating func note(_ probe: Probe) {
        guard range.contains(probe.point), recorded[probe.n] == nil else { return }
        recorded[probe.n] = probe
    }

    /// Decides again when a whole round is answered, so that the order within a round does not matter.
    private mutating func settle() {
        while !next.isEmpty {
            let round = next.compactMap { recorded[$0.n] }
            guard round.count == next.count else { return }
            settled += round
            decide()
        }
    }

    // MARK: - Deciding

    private mutating func decide() {
        (next, verdict, confirmation, expectedBuilds) = ([], nil, nil, 0)
        guard range.count > 0 else {
            verdict = SearchResult(kind: .nothingMoved)
            return
        }
        let search = PrefixSearch(
            prior: prior, parameters: parameters, results: settled.filter(\.isOfPrefixes).map(options.result),
            others: settled.filter { $0.phase == .isolation && $0.point.ahead == nil }.map(\.result),
            outOfOrder: outOfOrder)
        posterior = search.posterior
        switch options.baseStep(settled) {
        case .build: request([(.search, ProbePoint(prefix: 0), nil)])
        case .end(let kind): verdict = SearchResult(kind: kind)
        case nil: decide(by: search)
        }
    }

    private mutating func decide(by search: PrefixSearch) {
        switch search.step {
        case .probe(let probes):
            expectedBuilds = search.expectedBuilds
            request(
                earlyIsolation(search, probes)
                    ?? probes.map { ($0.isControl ? .control : .search, ProbePoint(prefix: $0.position), $0.wait) })
        case .ended(.commits(let suspects)): name(suspects, found: search)
        case .ended(.none): verdict = SearchResult(kind: .flake)
        case .ended(.environment): verdict = SearchResult(kind: .environment)
        case .ended(.notMonotone): verdict = SearchResult(kind: .notMonotone, edges: search.resultEdges)
        case .ended(.unresolved):
            let commits = search.posterior.commits
            let probable = commits.indices.map { range.suspect($0, commits[$0]) }.filter { $0.probability > 0 }
                .sorted { ($1.probability, $0.number) < ($0.probability, $1.number) }
            verdict = SearchResult(kind: .unresolved, suspects: Array(probable.prefix(5)))
        }
    }

    private typealias ProbeSpec = (phase: SearchPhase, point: ProbePoint, wait: TimeSpan?)

    private mutating func request(_ specs: [ProbeSpec]) {
        next = specs.enumerated().map { index, spec in
            ProbeRequest(n: settled.count + index + 1, phase: spec.phase, point: spec.point, wait: spec.wait)
        }
    }

    // MARK: - Naming commits

    private var outOfOrder: [PrefixSearch.OutOfOrderResult] {
        settled.filter { $0.phase == .isolation }.compactMap { probe in
            probe.point.ahead.map { commit in
                let isBad = [true] + (1...range.count).map { range.includes($0, at: probe.point) } + [false]
                return PrefixSearch.OutOfOrderResult(commit: commit, answer: probe.answer, isBad: isBad)
            }
        }
    }

    private func isolation(of commit: Int, known: [ProbeResult] = []) -> Isolation {
        Isolation(
            of: commit, in: range, probes: settled.filter { !$0.isOfPrefixes && $0.phase != .confirm }, known: known,
            isUniform: options.isUniform, parameters: parameters)
    }

    /// How probable a commit must be to be isolated before it is proven, and to continue after it passed there.
    private static let isolated = (first: 0.8, afterPass: 0.85)

    /// The isolation of a commit that is not proven yet but will be isolated anyway: its failures count as proof too.
    private func earlyIsolation(_ search: PrefixSearch, _ probes: [PrefixSearch.PositionProbe]) -> [ProbeSpec]? {
        let leader = search.posterior.leader
        let probability = search.posterior.probabilities[leader]
        guard isOfSeveral, (1...range.count).contains(leader), !probes.contains(where: \.isControl),
            probability >= Self.isolated.first
        else { return nil }
        let isolation = isolation(of: leader, known: search.results.counted.filter { $0.position == leader })
        guard !isolation.hasPassed || probability >= Self.isolated.afterPass, case .probe(let probes) = isolation.step
        else { return nil }
        return specs(probes, of: isolation)
    }

    private func specs(_ probes: [PrefixSearch.PositionProbe], of isolation: Isolation) -> [ProbeSpec] {
        probes.map { ($0.isControl ? .control : .isolation, isolation.point($0.position), $0.wait) }
    }

    private mutating func name(_ numbers: ClosedRange<Int>, found search: PrefixSearch) {
        let edges = search.edges(of: numbers)
        let suspects = numbers.map { range.suspect($0, search.posterior.probabilities[$0]) }
            .filter { $0.probability > 0 }
        var finding: IsolationFinding?
        if isOfSeveral, Set(suspects.map(\.commit.project)).count == 1, let last = suspects.last?.number {
            let isolation = isolation(of: last, known: search.results.counted.filter { $0.position == edges.bad })
            switch isolation.step {
            case .found(let found):
                finding = found
                if search.results.executed < parameters.budget,
                    let edge = search.unprovenEdge(of: numbers, by: .ofIsolated)
                {
                    request([(.search, ProbePoint(prefix: edge), nil)])
                    return
                }
            case .probe(let probes):
                request(specs(probes, of: isolation))
                return
            }
        }
        verdict = SearchResult(kind: suspects.count == 1 ? .culprit : .set, suspects: suspects, isolation: finding)
        confirm(edges)
    }

    /// Builds parent and culprit twice, until one of them contradicts.
    private mutating func confirm(_ edges: (good: Int, bad: Int)) {
        let answers = settled.filter { $0.phase == .confirm }
        func count(_ answer: ProbeAnswer, at position: Int) -> Int {
            answers.count { $0.point == ProbePoint(prefix: position) && $0.answer == answer }
        }
        let (passed, failed) = (count(.pass, at: edges.good), count(.fail, at: edges.bad))
        let errors = answers.count { $0.answer == .error }
        if passed + failed + errors < answers.count {
            confirmation = .refuted
        } else if passed >= 2, failed >= 2 {
            confirmation = .confirmed
        } else {
            confirmation = .open
            // Infrastructure may fail four times, not for ever.
            guard options.confirms, errors < 4 else { return }
            let missing = (0..<2).flatMap { time -> [Int] in
                (passed <= time ? [edges.good] : []) + (failed <= time ? [edges.bad] : [])
            }
            request(missing.prefix(max(1, options.workers)).map { (.confirm, ProbePoint(prefix: $0), nil) })
        }
    }
}

extension Probe {
    /// Whether it belongs to the search over prefixes, not to isolation or confirmation.
    fileprivate var isOfPrefixes: Bool { point.ahead == nil && (phase == .search || phase == .control) }

    var result: ProbeResult {
        ProbeResult(position: point.prefix, answer: answer, isControl: phase == .control, reused: reused)
    }
}
