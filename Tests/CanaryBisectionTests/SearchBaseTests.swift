// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Testing

@testable import CanaryBisection
@testable import CanaryModel

@Suite("Search: what a culprit needs") struct SearchBaseTests: SearchSuite {
    // MARK: - A base that nobody called good

    @Test func `a base that nobody called good is built first, twice if it fails`() {
        let start = search(8) { $0.startsAtBase = true }
        #expect(start.next.map(\.point.prefix) == [0] && start.next.map(\.phase) == [.search])
        let once = answer(start, .fail)
        #expect(once.next.map(\.point.prefix) == [0] && once.next.first?.wait == nil)
        #expect(answer(once, .fail).verdict?.kind == .environment)
        #expect(answer(start, .untestable).verdict?.kind == .environment)
        let passed = conduct(answer(once, .pass)) { $0.point.prefix >= 5 ? .fail : .pass }
        #expect(passed.verdict?.kind == .culprit && passed.verdict?.suspects.first?.number == 5)
    }

    @Test func `a base that is known to be bad ends the search`() {
        let bad = search(8) { $0.isBaseBad = true }
        #expect(bad.verdict?.kind == .notMonotone && bad.verdict?.edges == [] && bad.next.isEmpty)
    }

    @Test func `no commit is named whose parent was not built, whatever rates are given`() {
        for workers in [1, 4] {
            for culprit in 1...12 {
                var options = SearchOptions()
                (options.workers, options.confidence) = (workers, 0.9)
                let rates = SearchRates(learned: 0, flake: 0.001, miss: 0.001)
                let found = conduct(Search(Self.range(12), rates: rates, options: options)) {
                    $0.point.prefix >= culprit ? .fail : .pass
                }
                #expect(found.verdict?.suspects.first?.number == culprit)
                let built = found.probes.map { [$0.point.prefix, $0.answer == .pass ? 1 : 0] }
                #expect(built.contains([culprit - 1, 1]) && built.contains([culprit, 0]))
            }
        }
    }

    @Test func `failures with another error are no proof`() {
        let found = conduct(search(12)) { $0.point.prefix >= 6 ? .fail : .pass }
        #expect(found.verdict?.suspects.map(\.number) == [6])
        var options = found.options
        options.unlike = [6]
        let other = conduct(found.with(options)) { $0.point.prefix >= 6 ? .fail : .pass }
        #expect(other.verdict?.kind == .set && other.verdict?.suspects.map(\.number) == [6, 7])
    }
}
