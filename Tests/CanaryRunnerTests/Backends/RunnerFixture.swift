// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryProcesses
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

/// A kind of runner that keeps the promises of `AttemptRunner`.
struct RunnerKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The engine of its containers; nil for processes.
    let engine: TestEngine?

    static let all = [process, podman, docker]
    static let containers = [podman, docker]

    static let process = RunnerKind(testDescription: "process", engine: nil)
    static let podman = RunnerKind(testDescription: "podman", engine: .podman)
    static let docker = RunnerKind(testDescription: "docker", engine: .docker)
}

/// What came of an attempt.
struct Ended {
    let events: [AttemptEvent]
    let end: AttemptEnd
    let log: String

    var cause: AttemptEnd.Cause { end.cause }
}

/// A state folder of its own and a runner in it.
struct RunnerFixture: Sendable {
    let state: StateFolder
    let runner: any AttemptRunner
    /// The engine of its containers; nil for processes.
    let engine: RunningEngine?
    /// Marks all that is started here, wherever it runs; names its first attempt.
    let mark: String

    /// Gives `body` a bench, and checks that nothing of it is left running.
    static func with(
        _ kind: RunnerKind, grace: Duration = .milliseconds(200), _ body: (RunnerFixture) async throws -> Void
    ) async throws {
        try await with(kind.engine, grace: grace, body)
    }

    /// The same with an engine of the test's own.
    static func with(
        _ testEngine: TestEngine?, grace: Duration = .milliseconds(200), _ body: (RunnerFixture) async throws -> Void
    ) async throws {
        guard let testEngine else { return try await with(engine: nil, grace: grace, body) }
        let engine = try await testEngine.acquire()
        do {
            try await with(engine: engine, grace: grace, body)
        } catch {
            await testEngine.release()
            throw error
        }
        await testEngine.release()
    }

    private static func with(
        engine: RunningEngine?, grace: Duration, _ body: (RunnerFixture) async throws -> Void
    ) async throws {
        let mark = UUID().uuidString.lowercased().prefix(13)
        let path = "/tmp/canary-bench-\(mark)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let state = StateFolder(path: path)
        try FileManager.default.createDirectory(atPath: state.attempts, withIntermediateDirectories: true)
        let runner: any AttemptRunner =
            if let engine { ContainerRunner(state: state, engine: engine.engine, grace: grace) } else {
                ProcessRunner(state: state, grace: grace)
            }
        let bench = RunnerFixture(state: state, runner: runner, engine: engine, mark: String(mark))
        try await body(bench)
        // What an engine starts to tidy up behind a container may take a moment longer than our attempt.
        if engine == nil { #expect(bench.processes == []) }
        try await eventually { try await bench.containers() == [] && bench.processes == [] }
        #expect(!(try String(contentsOfFile: "/proc/mounts", encoding: .utf8)).contains(bench.mark))
        await ProcessScan { $0.hasPrefix(path) }.end()
    }

    /// The processes started in this state folder, named after it or that have mounts of it: of stages, and of those
    /// that hold containers.
    var processes: [Int32] { processes(marked: ["environ", "cmdline", "mountinfo"]) }

    /// Those of them that stages started: they have the revision in their environment.
    var stageProcesses: [Int32] { processes(marked: ["environ"], by: "CANARY_REVISION=") }

    private func processes(marked paths: [String], by name: String = "") -> [Int32] {
        Folder.names(in: "/proc").compactMap { Int32($0) }.filter { process in
            guard process != getpid() else { return false }
            return paths.contains { path in
                FileManager.default.contents(atPath: "/proc/\(process)/\(path)")?
                    .range(of: Data((name + mark).utf8)) != nil
            }
        }
    }

    /// The containers named after this bench, as the engine lists them.
    func containers() async throws -> [String] {
        guard let engine else { return [] }
        return try await engine.engine.list(["--format", "{{.Names}} {{.Status}}"], external: true)
            .map(String.init).filter { $0.contains(mark) }
    }

    /// Makes the folders of an attempt, and the prefixes of an order.
    func prepare(_ attempt: String) throws {
        let folder = state.attempt(attempt)
        let prefixes = [("openexr", "key0"), ("imath", "k2"), ("open-color", "k1")].map {
            state.prefix(of: $0, key: $1)
        }
        for path in [folder.source, folder.build, folder.home, folder.temporary] + prefixes {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    func order(
        _ scripts: [StageScript], attempt: String? = nil, limits: AttemptLimits = AttemptLimits(),
        upstreams: [WorkOrder.UpstreamPrefix] = [], network: Bool = false, container: ContainerSpec? = nil
    ) -> WorkOrder {
        WorkOrder(
            attempt: attempt ?? mark, environment: engine?.digest ?? "process:0", project: "openexr", revision: mark,
            prefixKey: "key0", variant: "vfx2026", lane: .head, recipe: Recipe(stages: scripts, network: network),
            upstreams: upstreams, sourceDateEpoch: 1_700_000_000, jobs: 2, limits: limits,
            container: container ?? engine.map { ContainerSpec(image: $0.image) })
    }

    /// The variables that the engine's image has.
    var imageVariables: [String: String] {
        engine == nil ? [:] : ["PATH": "/usr/bin:/bin", "ASWF_INSTALL_PREFIX": "/opt/aswf"]
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
