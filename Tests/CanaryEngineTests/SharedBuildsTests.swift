// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryEngine

@Suite("Builds that passes share") struct SharedBuildsTests {
    /// Counts what is built, and how much of it at once.
    private actor Site {
        private(set) var built = 0
        private(set) var most = 0
        private(set) var beside = 0
        private var now = 0

        func build(_ outcome: Outcome = .passed, isBeside: Bool) async -> FinishedBuild {
            if isBeside { beside += 1 }
            (built, now) = (built + 1, now + 1)
            most = max(most, now)
            try? await Task.sleep(for: .milliseconds(20))
            now -= 1
            return FinishedBuild(outcome: outcome)
        }
    }

    private static let broken = Outcome.ended(
        in: .build, reason: .buildCompiler, firstError: FirstError(text: "broken"))

    private func askFour(
        _ shared: SharedBuilds, _ site: Site, _ sharing: SharedBuilds.Sharing, outcome: Outcome = .passed
    ) async throws -> [FinishedBuild] {
        try await withThrowingTaskGroup(of: FinishedBuild.self) { group in
            for _ in 1...4 {
                group.addTask {
                    try await shared.build("k", sharing) { await site.build(outcome, isBeside: $0) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(arguments: [Outcome.passed, broken])
    func `one build serves all runs that need it, whatever its result`(outcome: Outcome) async throws {
        let site = Site()
        let all = try await askFour(SharedBuilds(slots: 3, isOfOneSearch: true), site, .one, outcome: outcome)
        #expect(all.map(\.outcome) == Array(repeating: outcome, count: 4))
        #expect(await site.built == 1)
    }

    @Test func `a build with an infrastructure error is not shared`() async throws {
        let site = Site()
        let spoiled = Outcome.ended(
            in: .fetch, reason: .environmentEngine, firstError: FirstError(text: "no engine"))
        _ = try await askFour(SharedBuilds(slots: 3, isOfOneSearch: true), site, .one, outcome: spoiled)
        #expect(await site.built == 4)
    }

    @Test func `a probed job is built by each run, and only one at a time stores what it installs`()
        async throws
    {
        let site = Site()
        _ = try await askFour(SharedBuilds(slots: 4, isOfOneSearch: true), site, .each)
        let (built, most, beside) = (await site.built, await site.most, await site.beside)
        #expect(built == 4 && most == 4 && beside == 3)
    }

    @Test func `no more builds run than there are slots, and an error frees its slot`() async throws {
        let (shared, site) = (SharedBuilds(slots: 2), Site())
        struct Lost: Error {}
        await #expect(throws: Lost.self) { try await shared.build("lost", .one) { _ in throw Lost() } }
        try await withThrowingTaskGroup(of: FinishedBuild.self) { group in
            for number in 1...6 {
                group.addTask {
                    try await shared.build("k\(number)", .one) { await site.build(isBeside: $0) }
                }
            }
            try await group.waitForAll()
        }
        let (built, most) = (await site.built, await site.most)
        #expect(built == 6 && most == 2)
    }
}
