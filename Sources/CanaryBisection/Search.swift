// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// A search for the commit that broke a build: rules.md 3 and 4, as a value.
///
/// It says what to build next and remembers what it is told. All that it decides, it decides from the probes: the same
/// probes, in whatever order and however often they come, give the same requests and the same verdict. So a search is
/// taken up again by telling it what was stored.
package struct Search: Sendable {
    /// The commits.
    package let range: SearchRange
    /// How often builds mislead.
    package let rates: SearchRates
    /// What was asked.
    package let options: SearchOptions
    /// What to build now, all at once, until all are answered; empty when nothing is left to do.
    package private(set) var next: [ProbeRequest] = []
    /// What was found; nil while searching.
    package private(set) var verdict: SearchResult?
    /// What the confirming builds say; nil where there is nothing to confirm.
    package private(set) var confirmation: Confirmation?
    /// How probable each suspect is by now; nil when nothing moved.
    package private(set) var posterior: Posterior?
    /// How many builds the search for the commit is expected to need still; 0 when it ended.
    package private(set) var expectedBuilds = 0

    private let prior: [Double]
    private let terms: PrefixSearch.Terms
    private let isOfSeveral: Bool
    private var recorded: [Int: Probe] = [:]
    /// The probes of whole rounds, in sequence: these decide.
    private var settled: [Probe] = []

    /// Begins a search, or takes it up again.
    ///
    /// - Parameter probes: what an earlier search over the same range was told.
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
        terms = options.terms(rates: rates, commits: range.head, isIsolated: isOfSeveral)
        for probe in probes { note(probe) }
        decide()
        settle()
    }

    /// The search with one more answer; one that it knows already changes nothing.
    package func recording(_ probe: Probe) -> Search {
        var search = self
        search.record(probe)
        return search
    }

    /// Takes an answer; one that it knows already changes nothing.
    package mutating func record(_ probe: Probe) {
        note(probe)
        settle()
    }

    /// The search with other options, and all it was told.
    package func with(_ options: SearchOptions) -> Search {
        Search(range, rates: rates, options: options, probes: probes)
    }

    /// All it was told, by number.
    package var probes: [Probe] { recorded.values.sorted { $0.n < $1.n } }

    /// The project that is to blame at 0.95 or more, also while its commit is open.
    package var project: String? {
        guard let posterior else { return nil }
        var shares: [String: Double] = [:]
        for (commit, probability) in zip(range.commits, posterior.commits) {
            shares[commit.project, default: 0] += probability
        }
        return shares.first { $0.value >= 0.95 }?.key
    }

    // MARK: - Taking answers

    private mutating func note(_ probe: Probe) {
        guard range.contains(probe.point), recorded[probe.n] == nil else { return }
        recorded[probe.n] = probe
    }

    /// Decides anew when a whole round is answered: the order within a round cannot matter.
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
        guard range.head > 0 else {
            verdict = SearchResult(.nothingMoved)
            return
        }
        let search = PrefixSearch(
            prior: prior, terms: terms, trials: settled.filter(\.isOfPrefixes).map(\.trial),
            others: settled.filter { $0.phase == .isolation && $0.point.ahead == nil }.map(\.trial), asides: asides)
        posterior = search.posterior
        switch search.step {
        case .ask(let asks):
            expectedBuilds = search.expectedBuilds
            request(
                earlyIsolation(search, asks)
                    ?? asks.map { ($0.isControl ? .control : .search, ProbePoint(prefix: $0.position), $0.wait) })
        case .ended(.commits(let suspects)): name(suspects, found: search)
        case .ended(.none): verdict = SearchResult(.flake)
        case .ended(.environment): verdict = SearchResult(.environment)
        case .ended(.notMonotone): verdict = SearchResult(.notMonotone, edges: search.turns)
        case .ended(.unresolved):
            let commits = search.posterior.commits
            let probable = commits.indices.map { Candidate(commit: $0, probability: commits[$0]) }
                .filter { $0.probability > 0 }
                .sorted { ($1.probability, $0.commit) < ($0.probability, $1.commit) }
            verdict = SearchResult(.unresolved, candidates: Array(probable.prefix(5)))
        }
    }

    private typealias ProbeSpec = (phase: SearchPhase, point: ProbePoint, wait: TimeSpan?)

    private mutating func request(_ asks: [ProbeSpec]) {
        next = asks.enumerated().map { index, ask in
            ProbeRequest(n: settled.count + index + 1, phase: ask.phase, point: ask.point, wait: ask.wait)
        }
    }

    // MARK: - Naming commits

    private var asides: [PrefixSearch.Aside] {
        settled.filter { $0.phase == .isolation }.compactMap { probe in
            probe.point.ahead.map { commit in
                let isBad = [true] + (1...range.head).map { range.isIn($0, at: probe.point) } + [false]
                return PrefixSearch.Aside(commit: commit, answer: probe.answer, isBad: isBad)
            }
        }
    }

    private func isolation(of commit: Int, known: [ProbeResult] = []) -> Isolation {
        Isolation(
            of: commit, in: range, probes: settled.filter { !$0.isOfPrefixes && $0.phase != .confirm }, known: known,
            isUniform: options.isUniform, terms: terms)
    }

    /// How probable a commit must be to be isolated before it is proven, and to go on when it passed there.
    private static let isolated = (first: 0.8, doubted: 0.85)

    /// The isolation of a commit that is not yet proven but will be isolated anyway: its failures prove it as well.
    private func earlyIsolation(_ search: PrefixSearch, _ asks: [PrefixSearch.Ask]) -> [ProbeSpec]? {
        let leader = search.posterior.leader
        let probability = search.posterior.probabilities[leader]
        guard isOfSeveral, (1...range.head).contains(leader), !asks.contains(where: \.isControl),
            probability >= Self.isolated.first
        else { return nil }
        let isolation = isolation(of: leader, known: search.trials.kept.filter { $0.position == leader })
        guard !isolation.hasPassed || probability >= Self.isolated.doubted, case .ask(let asks) = isolation.step
        else { return nil }
        return wishes(asks, of: isolation)
    }

    private func wishes(_ asks: [PrefixSearch.Ask], of isolation: Isolation) -> [ProbeSpec] {
        asks.map { ($0.isControl ? .control : .isolation, isolation.point($0.position), $0.wait) }
    }

    private mutating func name(_ suspects: ClosedRange<Int>, found search: PrefixSearch) {
        let edges = search.edges(of: suspects)
        let candidates = suspects.map { Candidate(commit: $0, probability: search.posterior.probabilities[$0]) }
            .filter { $0.probability > 0 }
        var finding: IsolationFinding?
        if isOfSeveral, Set(candidates.map { range[$0.commit].project }).count == 1,
            let commit = candidates.last?.commit
        {
            let isolation = isolation(of: commit, known: search.trials.kept.filter { $0.position == edges.bad })
            switch isolation.step {
            case .found(let found):
                finding = found
                if search.trials.executed < terms.budget,
                    let edge = search.unprovenEdge(of: suspects, by: .ofIsolated)
                {
                    request([(.search, ProbePoint(prefix: edge), nil)])
                    return
                }
            case .ask(let asks):
                request(wishes(asks, of: isolation))
                return
            }
        }
        verdict = SearchResult(candidates.count == 1 ? .culprit : .set, candidates: candidates, isolation: finding)
        confirm(edges)
    }

    /// Asks parent and culprit twice, until one contradicts.
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
            // Infrastructure may say nothing four times, not for ever.
            guard options.confirms, errors < 4 else { return }
            let missing = (0..<2).flatMap { time -> [Int] in
                (passed <= time ? [edges.good] : []) + (failed <= time ? [edges.bad] : [])
            }
            request(missing.prefix(max(1, options.workers)).map { (.confirm, ProbePoint(prefix: $0), nil) })
        }
    }
}

extension Probe {
    /// Whether it belongs to the search for the commit, not to what follows.
    fileprivate var isOfPrefixes: Bool { point.ahead == nil && (phase == .search || phase == .control) }

    fileprivate var trial: ProbeResult {
        ProbeResult(position: point.prefix, answer: answer, isControl: phase == .control, reused: reused)
    }
}
