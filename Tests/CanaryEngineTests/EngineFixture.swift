// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryTestSupport
import Foundation
import Synchronization
import Testing

@testable import CanaryEngine

/// Tiny git repositories, a state folder, a history in memory and a scripted runner.
struct EngineFixture: Sendable {
    private let folder = TemporaryFolder()
    let history: History
    let runner: ScriptedRunner

    var state: StateFolder { StateFolder(path: "\(root)/state") }

    private init(history: History) {
        self.history = history
        runner = ScriptedRunner(state: StateFolder(path: "\(folder.path)/state"))
    }

    var root: String { folder.path }

    /// Gives `body` a bench and removes it.
    static func with(_ body: (EngineFixture) async throws -> Void) async throws {
        try await body(EngineFixture(history: .inMemory(stack: "mini")))
    }

    // MARK: - Repositories

    /// Commits `content` to the repository of `project`, made on first use; the commit.
    @discardableResult
    func commit(_ project: String, _ content: String = "1", branch: String = "main") async throws -> String {
        let path = "\(root)/forge/\(project)"
        let isNew = !FileManager.default.fileExists(atPath: path)
        let repository = isNew ? TestRepository(path, bare: true, branch: branch) : TestRepository(at: path)
        return repository.commit(["file": content])
    }

    @discardableResult
    func git(_ words: String...) async throws -> String { shell(["git"] + words) }

    // MARK: - Stacks

    /// A project of the forge.
    func project(
        _ name: String, on upstreams: [Upstream] = [], tags: String? = nil, address: String? = nil, hold: Hold? = nil
    ) -> Project {
        let recipe = Recipe(stages: [StageScript(stage: .build, run: "true")], network: false)
        return Project(
            name: name, location: .repository(address ?? "\(root)/forge/\(name)"), releaseTags: tags,
            upstreams: upstreams,
            builds: ["local": VariantBuild(recipe: recipe)], hold: hold)
    }

    func stack(_ projects: [Project], jobs: Int = 2, reruns: Int = 1, lanes: [Lane] = [.head]) throws -> Stack {
        Stack(
            name: "mini", variants: [Variant(name: "local", image: nil, lanes: lanes)],
            graph: try ProjectGraph(projects), limits: HostLimits(jobs: jobs), policy: Policy(reruns: reruns))
    }

    /// An engine, whose clock stands still when `second` is given.
    func engine(_ stack: Stack, at second: Double? = nil) -> Engine {
        Engine(
            stack: stack, folder: root, state: state, history: history, runner: runner, git: Git(),
            now: { second.map { Date(timeIntervalSince1970: 1_800_000_000 + $0) } ?? Date() })
    }

    func resolver(_ stack: Stack, overrides: Overrides = Overrides(), git: Git = Git()) -> Resolver {
        Resolver(stack: stack, folder: root, state: state, overrides: overrides, git: git)
    }

    /// Makes one run of `stack`; its record.
    func run(
        _ stack: Stack, _ request: RunRequest = RunRequest(), stop: StopSignal = StopSignal(), at second: Double? = nil
    ) async throws -> RunRecord {
        let (_, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        let id = try await engine(stack, at: second).run(request, stop: stop, events: continuation)
        return try #require(try await history.reader.runs.run(id))
    }
}

extension RunRecord {
    /// The job of `project` in lane `head`.
    func job(_ project: String) throws -> RunJob {
        try #require(jobs.first { $0.planned.job == JobID(project: project, variant: "local", lane: .head) })
    }

    /// `project purpose result` of each attempt, in the order they began.
    var tale: [String] {
        attempts.map { "\($0.project) \($0.start.purpose.rawValue) \($0.outcome?.result.rawValue ?? "open")" }
    }
}

/// Makes attempts of what a test wrote down: of each project a tape of ends, the last of which repeats.
final class ScriptedRunner: AttemptRunner {
    enum End: Hashable, Sendable {
        /// Installs a file of this content.
        case passes(String)
        case fails
        case breaks
        /// Goes on until it is cancelled.
        case hangs
        /// Cannot be started.
        case refuses
        /// Its events end without an end.
        case isLost
    }

    private struct State {
        var tapes: [String: [End]] = [:]
        var rules: [String: @Sendable (WorkOrder) -> End] = [:]
        var orders: [WorkOrder] = []
        var running: [String: AsyncStream<AttemptEvent>.Continuation] = [:]
        var streams: [String: AsyncStream<AttemptEvent>] = [:]
        var mostAtOnce = 0
        var swept = 0
    }

    private let folder: StateFolder
    private let shared = Mutex(State())

    init(state: StateFolder) { folder = state }

    /// The ends of the coming attempts at `project`; without a tape an attempt passes.
    func script(_ project: String, _ ends: End...) { script(project, ends) }

    func script(_ project: String, _ ends: [End]) { shared.withLock { $0.tapes[project] = ends } }

    /// From now on `rule` says how attempts at `project` end.
    func decide(_ project: String, by rule: @escaping @Sendable (WorkOrder) -> End) {
        shared.withLock { $0.rules[project] = rule }
    }

    /// All orders so far.
    var orders: [WorkOrder] { shared.withLock(\.orders) }
    /// The projects of attempts that hang now.
    var hanging: Int { shared.withLock { $0.running.count } }
    /// The most attempts that were under way at one time.
    var mostAtOnce: Int { shared.withLock(\.mostAtOnce) }
    var sweeps: Int { shared.withLock(\.swept) }

    func start(_ order: WorkOrder) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: AttemptEvent.self)
        let end = try shared.withLock { state in
            let isNew = !state.orders.contains { $0.attempt == order.attempt }
            state.orders.append(order)
            var tape = state.tapes[order.project] ?? [.passes(order.project)]
            let next = isNew && tape.count > 1 ? tape.removeFirst() : tape[0]
            let end = state.rules[order.project]?(order) ?? next
            state.tapes[order.project] = tape
            guard isNew, end != .refuses else {
                throw RunnerFailure(reason: .environmentEngine, detail: isNew ? "refused" : "started before")
            }
            state.streams[order.attempt] = stream
            state.running[order.attempt] = continuation
            state.mostAtOnce = max(state.mostAtOnce, state.running.count)
            return end
        }
        continuation.yield(.stageStarted(.build, at: Date()))
        try carryOut(end, order: order)
    }

    private func carryOut(_ end: End, order: WorkOrder) throws {
        switch end {
        case .passes(let content):
            let prefix = folder.prefix(of: order.project, key: order.prefixKey)
            try content.write(toFile: "\(prefix)/out", atomically: false, encoding: .utf8)
            tell(order.attempt, .completed, code: 0)
        case .fails: tell(order.attempt, .stageFailed(.build, .code(1)), code: 1)
        case .breaks: tell(order.attempt, .infrastructure(.environmentToolMissing, .build, detail: "gone"), code: nil)
        case .hangs, .refuses: break
        case .isLost: shared.withLock { $0.running.removeValue(forKey: order.attempt) }?.finish()
        }
    }

    private func tell(_ attempt: String, _ cause: AttemptEnd.Cause, code: Int?) {
        let now = Date()
        let stage = StageRun(stage: .build, startedAt: now, endedAt: now, exit: code.map { .code($0) }, logOffset: 0)
        let continuation = shared.withLock { $0.running.removeValue(forKey: attempt) }
        continuation?.yield(.stageEnded(stage))
        continuation?.yield(.finished(AttemptEnd(cause: cause, stages: [stage], logBytes: 0)))
        continuation?.finish()
    }

    func events(of attempt: String) -> AsyncStream<AttemptEvent> {
        shared.withLock { $0.streams.removeValue(forKey: attempt) } ?? AsyncStream { $0.finish() }
    }

    func cancel(_ attempt: String) async { tell(attempt, .cancelled(.build), code: nil) }

    func adopt(_ attempt: String) async -> Bool { false }

    func sweep(keeping attempts: Set<String>) async { shared.withLock { $0.swept += 1 } }
}
