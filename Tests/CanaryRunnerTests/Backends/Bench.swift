// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Testing

@testable import CanaryRunner

/// A kind of runner that keeps the promises of `AttemptRunner`.
struct RunnerKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes one; the duration is its grace between TERM and KILL.
    let make: @Sendable (StateFolder, Duration) -> any AttemptRunner

    static let all = [process]

    static let process = RunnerKind(testDescription: "process") { ProcessRunner(state: $0, grace: $1) }
}

/// What came of an attempt.
struct Ended {
    let events: [AttemptEvent]
    let end: AttemptEnd
    let log: String

    var cause: AttemptEnd.Cause { end.cause }
}

/// A state folder of its own and a runner in it.
struct Bench: Sendable {
    let state: StateFolder
    let runner: any AttemptRunner

    /// Gives `body` a bench, and checks that no process of it is left.
    static func with(
        _ kind: RunnerKind, grace: Duration = .milliseconds(200), _ body: (Bench) async throws -> Void
    ) async throws {
        let path = "/tmp/canary-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let state = StateFolder(path: path)
        try FileManager.default.createDirectory(atPath: state.attempts, withIntermediateDirectories: true)
        let bench = Bench(state: state, runner: kind.make(state, grace))
        try await body(bench)
        #expect(bench.processes == [])
        await ProcessScan { $0.hasPrefix(path) }.end()
    }

    /// The processes started in this state folder.
    var processes: [Int32] {
        let path = state.path
        return ProcessScan { $0.hasPrefix(path) }.processes()
    }

    /// Makes the folders of an attempt.
    func prepare(_ attempt: String) throws {
        let folder = state.attempt(attempt)
        for path in [folder.source, folder.build, folder.home, folder.temporary] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    func order(
        _ scripts: [StageScript], attempt: String = "a1", limits: AttemptLimits = AttemptLimits(),
        upstreams: [WorkOrder.UpstreamPrefix] = []
    ) -> WorkOrder {
        WorkOrder(
            attempt: attempt, environment: "process:0", project: "openexr", revision: "0123abc", prefixKey: "key0",
            variant: "vfx2026", lane: .head, recipe: Recipe(stages: scripts, network: false), upstreams: upstreams,
            sourceDateEpoch: 1_700_000_000, jobs: 2, limits: limits)
    }

    /// Makes the folders, runs the order to its end and reads its log.
    func run(_ order: WorkOrder) async throws -> Ended {
        try prepare(order.attempt)
        try await runner.start(order)
        return try await ended(order.attempt)
    }

    /// Runs one script as the build stage.
    func run(_ script: String, limits: AttemptLimits = AttemptLimits()) async throws -> Ended {
        try await run(order([StageScript(stage: .build, run: script)], limits: limits))
    }

    /// Waits for the end of a started attempt.
    func ended(_ attempt: String) async throws -> Ended {
        var events: [AttemptEvent] = []
        for await event in runner.events(of: attempt) { events.append(event) }
        guard case .finished(let end) = try #require(events.last) else { throw NoEnd() }
        return Ended(events: events, end: end, log: log(of: attempt))
    }

    func log(of attempt: String) -> String {
        let data = FileManager.default.contents(atPath: state.attempt(attempt).log) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    struct NoEnd: Error {}
}

/// Waits until `condition` holds; the test fails after ten seconds.
func eventually(_ condition: () -> Bool, location: SourceLocation = #_sourceLocation) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "waited in vain", sourceLocation: location)
        try await Task.sleep(for: .milliseconds(5))
    }
}
