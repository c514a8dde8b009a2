// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CanaryBisection
@testable import CanaryModel

@Suite("SearchRange") struct SearchRangeTests {
    private func commit(_ project: String, _ revision: String, _ time: Double) -> Commit {
        Commit(project: project, revision: revision, committedAt: Date(timeIntervalSince1970: time))
    }

    @Test func `commits land by time, then by project, and never before their parents`() {
        let range = SearchRange(merging: [
            [commit("b", "b1", 10), commit("b", "b2", 5), commit("b", "b3", 30)],
            [commit("a", "a1", 10), commit("a", "a2", 20)], [],
        ])
        #expect(range.commits.map(\.revision) == ["a1", "b1", "b2", "a2", "b3"])
        #expect(range.count == 5 && range.projects == ["a", "b"])
        #expect(range.commits(of: "b") == [2, 3, 5])
        #expect(range[4].revision == "a2")
    }

    @Test func `a point has a revision for each project`() {
        let range = SearchRange([
            commit("a", "a1", 1), commit("b", "b1", 2), commit("a", "a2", 3), commit("c", "c1", 4),
        ])
        #expect(range.revisions(at: ProbePoint(prefix: 0)) == [:])
        #expect(range.revisions(at: ProbePoint(prefix: 2)) == ["a": "a1", "b": "b1"])
        #expect(range.revisions(at: ProbePoint(prefix: 4)) == ["a": "a2", "b": "b1", "c": "c1"])
        #expect(range.revisions(at: ProbePoint(prefix: 0, ahead: 3)) == ["a": "a2"])
        #expect(range.revisions(at: ProbePoint(prefix: 2, ahead: 3)) == ["a": "a2", "b": "b1"])
        #expect((1...4).map { range.includes($0, at: ProbePoint(prefix: 0, ahead: 3)) } == [true, false, true, false])
    }

    @Test func `a point that equals a prefix is written as one`() {
        let range = SearchRange([
            commit("a", "a1", 1), commit("b", "b1", 2), commit("a", "a2", 3), commit("a", "a3", 4),
        ])
        #expect(range.simplified(ProbePoint(prefix: 2, ahead: 4)) == ProbePoint(prefix: 4))
        #expect(range.simplified(ProbePoint(prefix: 3, ahead: 2)) == ProbePoint(prefix: 3))
        #expect(range.simplified(ProbePoint(prefix: 1, ahead: 4)) == ProbePoint(prefix: 1, ahead: 4))
        #expect(!range.contains(ProbePoint(prefix: 5)) && !range.contains(ProbePoint(prefix: 0, ahead: 5)))
    }
}

@Suite("SearchPrior") struct SearchPriorTests {
    private func range(relevant: Set<Int> = []) -> SearchRange {
        SearchRange(
            (1...10).map {
                Commit(
                    project: "p", revision: "r\($0)", committedAt: .distantPast, isRelevant: relevant.contains($0))
            })
    }

    private func weights(
        _ range: SearchRange, isUniform: Bool = false, suspected: Set<Int> = [], named: Set<Int> = [],
        refused: Set<Int> = []
    ) -> [Double] {
        SearchPrior.weights(of: range, isUniform: isUniform, suspected: suspected, named: named, refused: refused)
    }

    @Test func `half of the weight of the commits depends on what they change`() {
        let weights = weights(range(relevant: [3]))
        #expect(weights[0] == 0.15 && weights[11] == 0.30)
        #expect(abs(weights[3] - 0.55 * (0.05 + 0.5 * 20 / 29)) < 1e-12)
        #expect(abs(weights[4] - 0.55 * (0.05 + 0.5 / 29)) < 1e-12)
        #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
        #expect(Set(self.weights(range(relevant: [3]), isUniform: true)[1...10]).count == 1)
    }

    @Test func `a name from the error in a diff adds a weight of twenty, and nine tenths depend on weights`() {
        let weights = weights(range(relevant: [3]), named: [3, 5])
        #expect(abs(weights[3] - 0.55 * (0.01 + 0.9 * 40 / 69)) < 1e-12)
        #expect(abs(weights[5] - 0.55 * (0.01 + 0.9 * 21 / 69)) < 1e-12)
    }

    @Test func `what the installed trees show outweighs everything else, and what they rule out has no weight`() {
        let weights = weights(range(relevant: [3]), suspected: [7], refused: [2])
        #expect(weights[7] > 0.9 && weights[2] == 0)
        #expect(weights[0] + weights[11] < 0.06)
        var options = SearchOptions()
        options.suspected = [7]
        let found = (0..<9).reduce(Search(range(), options: options)) { search, _ in
            search.next.reduce(search) { $0.recording($1.answered($1.point.prefix >= 7 ? .fail : .pass)) }
        }
        #expect(found.verdict?.suspects.map(\.number) == [7])
        #expect(found.probes.count <= 5 && found.probes.allSatisfy { (6...7).contains($0.point.prefix) })
    }
}

@Suite("SearchRates") struct SearchRatesTests {
    @Test func `rates are those of the job with a margin, or as stated`() {
        #expect(SearchRates().flake == 0.10 && SearchRates().miss == 0.03)
        #expect(abs(SearchRates(learned: 0.2).flake - 0.3) < 1e-12)
        #expect(!SearchRates(learned: 0.2, miss: 0).isStated)
        let stated = SearchRates(learned: 0.2, flake: 0, miss: 0.7)
        #expect(stated.isStated && stated.flake > 0 && stated.miss < 0.5)
    }

    @Test func `an assumed rate adapts to the results, a stated one does not`() {
        func counts(_ fails: Int, _ passes: Int, isBad: Bool = false) -> Counts {
            var counts = Counts()
            counts.add(fails: fails, passes: passes, isBad: isBad)
            return counts
        }
        func chance(_ rates: SearchRates, _ counts: Counts) -> Double { exp(rates.logLikelihood(counts)) }
        let (assumed, stated) = (SearchRates(), SearchRates(flake: 0.10, miss: 0.1))
        #expect(chance(assumed, counts(4, 6)) > chance(stated, counts(4, 6)))
        #expect(chance(assumed, counts(0, 10)) > chance(stated, counts(0, 10)))
        var both = counts(1, 2)
        both.add(fails: 1, passes: 1, isBad: true)
        #expect(abs(chance(stated, both) - 0.1 * 0.9 * 0.9 * 0.1 * 0.9) < 1e-12)
        #expect(SearchRates(flake: 0).logLikelihood(counts(90, 0)).isFinite)
    }

    @Test func `a build with a certain result has no information`() {
        let rates = SearchRates()
        #expect(abs(rates.information(bad: 0)) < 1e-12 && abs(rates.information(bad: 1)) < 1e-12)
        #expect(rates.information(bad: 0.45) > rates.information(bad: 0.2))
        #expect(rates.information(bad: 0.45) < 1)
    }
}
