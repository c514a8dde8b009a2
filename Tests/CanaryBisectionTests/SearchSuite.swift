// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import CanaryBisection
@testable import CanaryModel

/// What suites about searches have in common: ranges of one project, and ways to answer.
protocol SearchSuite {}

extension SearchSuite {
    static func range(_ count: Int) -> SearchRange {
        SearchRange(
            (0..<count).map { Commit(project: "p", revision: "r\($0 + 1)", committedAt: .distantPast) })
    }

    func search(_ count: Int, _ change: (inout SearchOptions) -> Void = { _ in }) -> Search {
        var options = SearchOptions()
        change(&options)
        return Search(Self.range(count), options: options)
    }

    /// Answers by position until the search ends, or until it asks for what `answer` leaves open.
    func conduct(_ search: Search, _ answer: (ProbeRequest) -> ProbeAnswer?) -> Search {
        var search = search
        while !search.next.isEmpty {
            let answers = search.next.compactMap { request in answer(request).map { request.answered($0) } }
            guard !answers.isEmpty else { return search }
            for answer in answers { search.record(answer) }
        }
        return search
    }

    func answer(_ search: Search, _ answer: ProbeAnswer, reused: Bool = false) -> Search {
        search.next.reduce(search) { $0.recording($1.answered(answer, reused: reused)) }
    }
}
