// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryGit
package import CanaryHistory
package import CanaryModel
package import CanaryRunner
package import Foundation

/// A stack, a state folder and a runtime, opened to run builds: conducts snapshot, plan, run, record, judge.
package struct Engine: Sendable {
    /// The projects, variants and policy.
    package internal(set) var stack: Stack
    /// The directory of the stack's manifests.
    package let folder: String
    /// Where everything is stored.
    package let state: StateFolder
    /// What happened; everything but what drives reads `history`.
    let store: History
    let runner: any AttemptRunner
    let containers: ContainerEngine?
    let git: Git
    /// The clock; every recorded time comes from it.
    package let now: @Sendable () -> Date
    /// The quotas of disk that attempts get; nil where the file system of the state folder has none.
    var quota: ProjectQuota?
    /// What concurrent runs share; nil where runs follow each other.
    package var shared: SharedBuilds?
    /// Holds back the builds of searches while something more urgent runs; nil where nothing does.
    package var gate: BuildGate?
    /// The environments, found out once for all builds of a search; nil where each run finds them out.
    var kept: KeptEnvironments?

    /// Reads what happened.
    package var history: HistoryReader { store.reader }
    /// Records what happens.
    package var recorder: Recorder { store.recorder }
    /// The requests to the process that holds the state folder.
    package var inbox: RequestInbox { store.inbox }
    var workspace: Workspace { Workspace(state: state) }
    var prefixes: PrefixStore { PrefixStore(state: state) }

    /// The parallel jobs inside a stage of an attempt that shares the machine with others; `attempts` is how many.
    func stageJobs(among attempts: Int) -> Int {
        let all = shared?.share ?? min(attempts, stack.limits.jobs)
        return max(1, ProcessInfo.processInfo.activeProcessorCount / max(1, all))
    }

    /// Whether the disk of the state folder is full.
    var isFull: Bool { Disk.isFull(at: state.path, below: 1 << 20) }

    /// Makes an engine of opened parts; the caller holds the lock of the state folder.
    ///
    /// - Parameters:
    ///   - folder: the directory of the stack's manifests.
    ///   - containers: the engine that `runner` starts containers with; nil if it starts plain processes.
    ///   - now: the clock; every recorded time comes from it.
    package init(
        stack: Stack, folder: String, state: StateFolder, history: History, runner: any AttemptRunner,
        containers: ContainerEngine? = nil, git: Git, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.stack = stack
        self.folder = folder
        self.state = state
        store = history
        self.runner = runner
        self.containers = containers
        self.git = git
        self.now = now
        quota = ProjectQuota(state: state)
    }

    /// Cleans up after an earlier process: its attempts become interrupted, their processes are killed, and
    /// half-built folders are removed.
    package func recover() async throws {
        _ = try await recorder.closeInterrupted(at: now())
        await runner.sweep(keeping: [])
        for attempt in workspace.leftovers(keeping: []) {
            workspace.clear(attempt)
            await quota?.end(attempt, keeping: nil)
        }
        try await history.builds.withoutLog(workspace.attempts).forEach { workspace.remove($0) }
        HistoryFile.removeLeftovers(of: state.database)
        let onDisk = prefixes.stored()
        let recorded = try await history.builds.storedPrefixes()
        for prefix in onDisk where !recorded.contains(prefix.key) {
            prefixes.remove(project: prefix.project, key: prefix.key)
        }
        let lost = recorded.subtracting(onDisk.map(\.key))
        if !lost.isEmpty { try await recorder.retention.forgetPrefixes(Array(lost)) }
    }

    /// The environments of all variants now, except those that `overrides` state.
    func environments(_ overrides: Overrides) async -> Environments {
        guard let kept else { return await currentEnvironments().replacing(stated(overrides)) }
        return await kept.environments { await currentEnvironments() }.replacing(stated(overrides))
    }

    private func currentEnvironments() async -> Environments {
        guard let containers else { return await Environments.ofProcesses(stack) }
        return await Environments.of(stack, in: containers)
    }

    /// Plain processes only have the environment of this machine.
    private func stated(_ overrides: Overrides) -> [String: String] { containers == nil ? [:] : overrides.environments }

    /// Resolves names in the manifests' repositories, or in those that `overrides` state.
    func resolver(_ overrides: Overrides = Overrides()) -> Resolver {
        Resolver(stack: stack, folder: folder, state: state, overrides: overrides, git: git)
    }

    /// Runs the stack once: resolve, plan, build, record, judge.
    ///
    /// - Returns: the id of the run, whose record in history has all its results.
    /// - Throws: `EngineError`, `HistoryError`; `EngineError` `interrupted` when `stop` was raised.
    package func run(
        _ request: RunRequest, stop: StopSignal, events: AsyncStream<RunEvent>.Continuation
    ) async throws -> String {
        let started = now()
        return try await RunConductor(
            id: Identifier.make(.run, at: started), startedAt: started, request: request, engine: self, stop: stop,
            events: events
        ).run()
    }
}
