// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Testing

@testable import CanaryBisection
@testable import CanaryModel

@Suite("Search") struct SearchTests: SearchSuite {
    // MARK: - Where it looks

    @Test func `the first probe is where most can be learned`() throws {
        for count in [1, 2, 7, 64, 511] {
            let search = search(count)
            let posterior = try #require(search.posterior)
            let bits = (0...count).map { search.rates.information(bad: posterior.bad[$0]) }
            let best = try #require(bits.max())
            #expect(search.next.map(\.point.prefix) == [bits.firstIndex(of: best)])
            #expect(search.next.map(\.n) == [1])
        }
    }

    @Test func `a stored result is preferred where it is nearly as informative, and used once`() throws {
        let plain = try #require(search(100).next.first).point.prefix
        let near = search(100) { $0.built = [plain + 2, plain + 1, 3] }
        #expect(near.next.map(\.point.prefix) == [plain + 1])
        #expect(search(100) { $0.built = [3, 98] }.next.map(\.point.prefix) == [plain])
        let known = answer(near, .pass, reused: true)
        #expect(known.next.allSatisfy { $0.point.prefix != plain + 1 })
    }

    @Test func `several workers cut the range into equal parts, highest first`() {
        let search = search(1000) { $0.workers = 4 }
        let positions = search.next.map(\.point.prefix)
        #expect(positions == positions.sorted(by: >))
        #expect(Set(positions).count == 4)
        // The base is bad at 0.15, then each commit adds its part of 0.55, up to 0.70 at the end.
        #expect(positions == [1000, 818, 455, 91])
    }

    @Test func `a round is decided when all of it is answered`() throws {
        let first = search(1000) { $0.workers = 4 }
        var search = first
        for request in first.next.dropLast() {
            search.record(request.answered(.pass))
            #expect(search.next == first.next)
        }
        search.record(try #require(first.next.last).answered(.pass))
        #expect(search.next.map(\.n) == [5, 6, 7, 8])
    }

    // MARK: - What does not build

    @Test func `an untestable position is never built again, and its commit shares the blame`() {
        var asked: [Int] = []
        let found = conduct(search(32)) { request in
            asked.append(request.point.prefix)
            return (17...18).contains(request.point.prefix)
                ? .untestable : request.point.prefix >= 18 ? .fail : .pass
        }
        #expect(asked.count { (17...18).contains($0) } <= 2)
        #expect(found.verdict?.kind == .set)
        #expect(found.verdict?.suspects.map(\.number) == [17, 18, 19])
    }

    @Test(arguments: [0...32, 0...0, 20...32])
    func `a search with an untestable end is unresolved`(untestable: ClosedRange<Int>) {
        let found = conduct(search(32)) { request in
            untestable.contains(request.point.prefix) ? .untestable : untestable.lowerBound == 0 ? .fail : .pass
        }
        #expect(found.verdict?.kind == .unresolved)
        #expect(found.verdict?.suspects.count == 5)
    }

    @Test func `infrastructure failures change only the number of builds`() throws {
        let first = search(32)
        let second = answer(first, .error)
        #expect(second.posterior == first.posterior)
        #expect(second.next.map(\.point) == first.next.map(\.point))
        #expect(second.next.map(\.n) == [2])
        let ended = conduct(second) { _ in .error }
        #expect(ended.verdict?.kind == .unresolved)
        #expect(ended.probes.count == Int(4 * log2(34.0) + 12))
    }

    // MARK: - Controls

    @Test func `when everything fails, the base is built four times with increasing waits`() {
        var requests: [ProbeRequest] = []
        let found = conduct(search(64) { $0.controlWait = .minutes(10) }) { request in
            requests.append(request)
            return .fail
        }
        #expect(found.verdict == SearchResult(kind: .environment))
        #expect(requests.map(\.phase) == [.search, .search, .search, .control, .control, .control, .control])
        #expect(requests.suffix(4).allSatisfy { $0.point == ProbePoint(prefix: 0) })
        #expect(requests.suffix(4).map(\.wait) == [nil, .minutes(10), .minutes(20), .minutes(40)])
    }

    @Test func `a base that passes again drops the failures since the last pass`() throws {
        var search = answer(search(64), .pass)
        let before = try #require(search.posterior)
        while search.next.first?.phase != .control { search = answer(search, .fail) }
        search = answer(search, .fail)
        #expect(search.next.first?.wait == .minutes(30))
        search = answer(search, .pass)
        let after = try #require(search.posterior)
        let position = try #require(search.probes.first?.point.prefix)
        let passes = [0, position].map { ProbeResult(position: $0, answer: .pass, isControl: false, reused: false) }
        let prior = SearchPrior.weights(of: search.range, isUniform: false, suspected: [], refused: [])
        let tally = Tally(positions: 65, results: passes, outOfOrder: [])
        #expect(after == Posterior(prior: prior, rates: search.rates, tally: tally))
        #expect(after.environment < before.environment)
    }

    @Test func `a base that passes at once leaves the failures as they are`() throws {
        let results = [(40, ProbeAnswer.fail), (20, .fail), (10, .fail)].map {
            ProbeResult(position: $0.0, answer: $0.1, isControl: false, reused: false)
        }
        let control = ProbeResult(position: 0, answer: .pass, isControl: true, reused: false)
        let sequence = ProbeResults(results + [control])
        #expect(sequence.counted == results + [control])
        #expect(sequence.streak == 0)
        #expect(ProbeResults(results).streak == 3)
    }

    @Test func `failures of stored results are not an outage`() {
        let stored = (1...5).map { ProbeResult(position: $0, answer: .fail, isControl: false, reused: true) }
        #expect(ProbeResults(stored).streak == 0)
        #expect(ProbeResults(stored).executed == 0)
    }

    // MARK: - How it ends

    @Test func `without commits the result is nothingMoved`() {
        let search = search(0)
        #expect(search.verdict == SearchResult(kind: .nothingMoved))
        #expect(search.next.isEmpty && search.posterior == nil && search.project == nil)
    }

    @Test func `the posterior is a distribution, and narrows to the culprit`() throws {
        var search = search(200)
        while search.verdict == nil {
            let posterior = try #require(search.posterior)
            #expect(abs(posterior.probabilities.reduce(0, +) - 1) < 1e-9)
            #expect(search.expectedBuilds > 0)
            search = answer(search, (search.next.first?.point.prefix ?? 0) >= 120 ? .fail : .pass)
        }
        #expect(search.verdict?.kind == .culprit)
        let culprit = try #require(search.verdict?.suspects.first)
        #expect(culprit.number == 120 && culprit.probability >= 0.99)
        #expect(search.posterior?.commits(holding: 0.95) == 120...120)
        #expect(search.project == "p")
        #expect(search.expectedBuilds == 0)
    }

    @Test func `a commit is named when it failed three times itself and its parent passed twice`() {
        let found = conduct(search(50) { $0.confidence = 0.8 }) { $0.point.prefix >= 33 ? .fail : .pass }
        #expect(found.verdict?.suspects.map(\.number) == [33])
        #expect(found.probes.count { $0.point.prefix == 33 } >= 3)
        #expect(found.probes.count { $0.point.prefix == 32 } >= 2)
    }

    @Test func `with its budget spent it lists five commits with their probabilities`() {
        let found = conduct(search(500) { $0.budget = 4 }) { $0.point.prefix >= 250 ? .fail : .pass }
        #expect(found.verdict?.kind == .unresolved)
        #expect(found.probes.count == 4)
        let probabilities = found.verdict?.suspects.map(\.probability) ?? []
        #expect(probabilities.count == 5 && probabilities == probabilities.sorted(by: >))
    }

    @Test func `stored results cost no budget`() {
        var search = search(100) { ($0.budget, $0.built) = (1, Set(0...100)) }
        for _ in 0..<3 {
            search = answer(search, (search.next.first?.point.prefix ?? 0) >= 40 ? .fail : .pass, reused: true)
        }
        #expect(search.verdict == nil)
        #expect(answer(search, .pass).verdict?.kind == .unresolved)
    }

    @Test func `a refused commit is never named`() throws {
        var search = conduct(search(40)) { $0.point.prefix >= 12 ? .fail : .pass }
        #expect(search.verdict?.suspects.map(\.number) == [12])
        var options = search.options
        options.refused = [12]
        search = search.with(options)
        let posterior = try #require(search.posterior)
        #expect(posterior.commits[12] == 0)
        #expect(search.verdict?.suspects.contains { $0.number == 12 } != true)
    }

    @Test func `results that no commit explains are not monotone, and both edges are reported`() {
        let results = [(10, ProbeAnswer.pass), (20, .fail), (30, .pass), (40, .fail)].flatMap { position, answer in
            (0..<5).map { _ in ProbeResult(position: position, answer: answer, isControl: false, reused: true) }
        }
        let prior = SearchPrior.weights(of: Self.range(50), isUniform: true, suspected: [], refused: [])
        let parameters = SearchOptions().parameters(rates: SearchRates(), commits: 50, isIsolated: false)
        let search = PrefixSearch(prior: prior, parameters: parameters, results: results)
        #expect(search.step == .ended(.notMonotone))
        #expect(search.resultEdges == [SearchEdge(before: 10, after: 20), SearchEdge(before: 30, after: 40)])
    }

    // MARK: - Confirmation

    private func found(confirms: Bool = true, workers: Int = 1) -> Search {
        let search = search(16) { ($0.confirms, $0.workers) = (confirms, workers) }
        return conduct(search) { $0.phase == .confirm ? nil : $0.point.prefix >= 9 ? .fail : .pass }
    }

    @Test func `parent and culprit are built twice before anybody is notified`() {
        #expect(found(confirms: false).next.isEmpty)
        #expect(found(confirms: false).confirmation == .open)
        let both = found(workers: 4)
        #expect(both.next.map(\.point.prefix) == [8, 9, 8, 9])
        #expect(both.next.allSatisfy { $0.phase == .confirm })
        let confirmed = conduct(found()) { $0.point.prefix >= 9 ? .fail : .pass }
        #expect(confirmed.confirmation == .confirmed && confirmed.verdict?.kind == .culprit)
        #expect(confirmed.probes.count { $0.phase == .confirm } == 4)
    }

    @Test func `one contradiction refutes, infrastructure failures are repeated but not for ever`() {
        let refuted = answer(answer(found(), .pass), .pass)
        #expect(refuted.confirmation == .refuted && refuted.next.isEmpty)
        let later = conduct(answer(found(), .error)) { $0.point.prefix >= 9 ? .fail : .pass }
        #expect(later.confirmation == .confirmed)
        let never = conduct(found()) { _ in .error }
        #expect(never.confirmation == .open && never.next.isEmpty)
        #expect(never.probes.count { $0.phase == .confirm } == 4)
    }
}
