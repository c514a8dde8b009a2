// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Testing

@testable import CanaryBisection
@testable import CanaryModel

@Suite("Search: what a culprit needs") struct SearchBaseTests {
    private static func range(_ count: Int) -> SearchRange {
        SearchRange(
            (0..<count).map { Commit(project: "p", revision: "r\($0 + 1)", committedAt: .distantPast) })
    }

    private func search(_ count: Int, _ change: (inout SearchOptions) -> Void = { _ in }) -> Search {
        var options = SearchOptions()
        change(&options)
        return Search(Self.range(count), options: options)
    }

    /// Answers by position until the search ends, or until it asks for what `answer` leaves open.
    private func conduct(_ search: Search, _ answer: (ProbeRequest) -> ProbeAnswer?) -> Search {
        var search = search
        while !search.next.isEmpty {
            let answers = search.next.compactMap { request in answer(request).map { request.answered($0) } }
            guard !answers.isEmpty else { return search }
            for answer in answers { search.record(answer) }
        }
        return search
    }

    private func answer(_ search: Search, _ answer: ProbeAnswer, reused: Bool = false) -> Search {
        search.next.reduce(search) { $0.recording($1.answered(answer, reused: reused)) }
    }

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
