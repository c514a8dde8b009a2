// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import Foundation
import FoundationNetworking
import Synchronization
import Testing

/// A history in a file with logs next to it, and a server for them.
struct SiteFixture: Sendable {
    let root: String
    let stack: Stack
    let history: History

    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    /// Calls `body` with a fixture, and removes it afterwards.
    static func with(site: String? = nil, _ body: (SiteFixture) async throws -> Void) async throws {
        let root = "/tmp/canary-site-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(root)/logs", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let stack = try Self.stack(site: site)
        let history = try History.open(path: "\(root)/canary.sqlite", stack: stack.name) { start + 600 }
        try await body(SiteFixture(root: root, stack: stack, history: history))
    }

    static func stack(site: String? = nil) throws -> Stack {
        let recipe = Recipe(stages: [StageScript(stage: .build, run: "true")], network: false)
        func project(_ name: String, on upstreams: [String] = []) -> Project {
            Project(
                name: name, location: .repository("https://canary.invalid/\(name).git"),
                upstreams: upstreams.map { Upstream(project: $0) },
                builds: ["vfx2026": VariantBuild(recipe: recipe)])
        }
        let image = Image(name: "ci-vfxall-2026", reference: "registry/ci-vfxall:2026@sha256:11", year: 2026)
        return Stack(
            name: "aswf", siteURL: site, variants: [Variant(name: "vfx2026", image: image, lanes: [.head])],
            graph: try ProjectGraph([project("imath"), project("openexr", on: ["imath"])]),
            operation: Operation(schedule: try CronSchedule("0 3 * * *")))
    }

    // MARK: - Recording

    static func job(_ project: String) -> JobID { JobID(project: project, variant: "vfx2026", lane: .head) }

    static func source(_ revision: Character) -> Source {
        Source(revision: String(repeating: revision, count: 40), tree: "tree-\(revision)", committedAt: start - 3600)
    }

    /// The result of a job in a run.
    struct JobEnd {
        var outcome: Outcome
        var isFlaky = false
        var expectedIssue: String?

        static let passed = JobEnd(outcome: .passed)
        static let flaky = JobEnd(outcome: .passed, isFlaky: true)
        static let failed = JobEnd(
            outcome: .ended(
                in: .build, reason: .buildCompiler,
                firstError: FirstError(text: "'IMATH_OLD' was not declared", file: "src/a.cpp", line: 7),
                fingerprint: "f1"))

        static func failedAsExpected(_ issue: String) -> JobEnd {
            JobEnd(outcome: failed.outcome, expectedIssue: issue)
        }
    }

    /// Records a run that started `minute` minutes after `start`, in which openexr ended as given.
    func run(
        _ id: String, minute: Double, openexr: JobEnd, transitions: [(Verdict, Verdict)] = [], judged: Bool = true
    ) async throws {
        let at = Self.start + minute * 60
        try await history.recorder.begin(
            RunStart(
                id: id, trigger: "schedule", judged: judged, startedAt: at, driver: StateHolder(pid: 1, startedAt: "x"))
        )
        var snapshot = Snapshot()
        snapshot.revisions = ["imath": .source(Self.source("a")), "openexr": .source(Self.source("b"))]
        snapshot.environments = ["vfx2026": "sha256:11"]
        try await history.recorder.record(snapshot, of: id)
        let job = Self.job("openexr")
        let moves = transitions.map { from, to in
            Transition(run: id, job: job, from: from, to: to, at: at, episode: to == .suspected ? "e-\(id)" : nil)
        }
        try await history.recorder.record(
            [
                ended("imath", .passed, revision: "a"),
                ended(
                    "openexr", openexr, revision: "b", upstreams: ["imath": Self.source("a")],
                    verdict: transitions.last?.1 ?? .passing),
            ], transitions: moves, of: id)
        try await history.recorder.finishRun(id, at: at + 60)
    }

    private func ended(
        _ project: String, _ end: JobEnd, revision: Character, upstreams: [String: Source] = [:],
        verdict: Verdict = .passing
    ) -> RunJob {
        let plan = PlannedJob(
            job: Self.job(project), source: Self.source(revision), upstreams: upstreams, key: "key-\(project)",
            conditional: false, action: .build, reason: DecisionReason(.headMoved, "moved"), redUpstreams: [],
            fallback: [:], finished: FinishedBuild(outcome: end.outcome, flaky: end.isFlaky), recipe: "recipe",
            environment: "sha256:11")
        return RunJob(planned: plan, verdict: verdict, expectedIssue: end.expectedIssue)
    }

    /// Records the start of an attempt on imath in the run `run`, which must be open.
    func attempt(_ id: String, in run: String) async throws {
        let build = BuildRecord(
            key: "key-\(id)", project: "imath", source: Self.source("a"), recipe: "recipe", environment: "sha256:11",
            variant: "vfx2026", upstreams: [], partial: false)
        try await history.recorder.begin(
            AttemptStart(
                id: id, purpose: .first, startedAt: Self.start, driver: StateHolder(pid: 1, startedAt: "x")), of: build,
            in: run)
    }

    /// Records the start of a run.
    func open(_ id: String) async throws {
        try await history.recorder.begin(
            RunStart(
                id: id, trigger: "manual", judged: true, startedAt: Self.start + 3600,
                driver: StateHolder(pid: 1, startedAt: "x")))
    }

    func finish(_ attempt: String, _ outcome: Outcome = .passed) async throws {
        _ = try await history.recorder.finish(
            attempt, with: AttemptFinish(finishedAt: Self.start + 3700, outcome: outcome))
    }

    func log(_ attempt: String) -> String { "\(root)/logs/\(attempt)" }

    // MARK: - Serving

    /// Serves while `body` runs.
    func serving(
        token: String? = nil, connections: Int = 2000, inbox: Inbox? = Inbox { .accepted("q-\($0.utf8.count)") },
        _ body: (SiteClient) async throws -> Void
    ) async throws {
        var settings = WebServer.Settings()
        settings.port = 0
        settings.hosts = ["x"]
        settings.token = token
        settings.connections = connections
        let root = root
        let logs = AttemptLogs(path: { "\(root)/logs/\($0)" }, stageStarts: { _ in [] })
        let server = try WebServer(stack: stack, history: history.reader, logs: logs, inbox: inbox, settings: settings)
        let ports = AsyncStream.makeStream(of: Int.self)
        let serving = Task {
            defer { ports.continuation.finish() }
            try await server.run { ports.continuation.yield($0) }
        }
        do {
            let port = try #require(await ports.stream.first { _ in true }, "the server did not start")
            try await body(SiteClient(port: port))
        } catch {
            server.endStreams()
            serving.cancel()
            _ = await serving.result
            throw error
        }
        server.endStreams()
        serving.cancel()
        _ = await serving.result
    }
}

/// An HTTP client of a server on this machine.
struct SiteClient: Sendable {
    let port: Int

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:] }

        subscript(header: String) -> String? { headers[header.lowercased()] }
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpMaximumConnectionsPerHost = 64
        configuration.timeoutIntervalForRequest = 20
        return URLSession(configuration: configuration)
    }()

    func send(
        _ method: String = "GET", _ path: String, headers: [String: String] = [:], body: String? = nil
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        headers.forEach { request.setValue($1, forHTTPHeaderField: $0) }
        let (data, response) = try await Self.session.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        let fields = answer.allHeaderFields.compactMap { name, value in
            (name as? String).map { ($0.lowercased(), "\(value)") }
        }
        return Answer(
            status: answer.statusCode, headers: Dictionary(fields, uniquingKeysWith: { "\($0), \($1)" }), body: data)
    }

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers: headers)
    }

    /// Sends `bytes` unmodified and reads until the server closes or is silent for `patience` seconds.
    func raw(_ bytes: [UInt8], patience: Double = 10) async -> [UInt8] {
        await RawSocket.exchange(bytes, port: port, patience: patience)
    }

    /// The response to an unmodified request line and headers.
    func raw(_ text: String, patience: Double = 10) async -> String {
        String(decoding: await raw(Array(text.utf8), patience: patience), as: UTF8.self)
    }
}
