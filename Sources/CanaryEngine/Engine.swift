// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryGit
package import CanaryHistory
package import CanaryModel
package import CanaryRunner
package import Foundation
import Glibc

/// A stack, a state folder and a runtime, opened for driving: conducts snapshot, plan, run, record, judge.
package struct Engine: Sendable {
    let stack: Stack
    let folder: String
    let state: StateFolder
    /// What happened; everything but what drives reads `history`.
    let store: History
    let runner: any AttemptRunner
    let containers: ContainerEngine?
    let git: Git
    let now: @Sendable () -> Date
    /// What passes beside this one share with it; nil where passes go one after the other.
    var shared: SharedBuilds?

    var history: HistoryReader { store.reader }
    var recorder: Recorder { store.recorder }
    var inbox: RequestInbox { store.inbox }
    var workspace: Workspace { Workspace(state: state) }
    var prefixes: PrefixStore { PrefixStore(state: state) }

    /// Parallel jobs inside a stage of an attempt that shares the machine with others, `attempts` of them in all.
    func stageJobs(among attempts: Int) -> Int {
        let all = shared?.places ?? min(attempts, stack.limits.jobs)
        return max(1, ProcessInfo.processInfo.activeProcessorCount / max(1, all))
    }

    /// Whether the state folder's disk has no room left.
    var isFull: Bool {
        var status = statvfs()
        guard statvfs(state.path, &status) == 0 else { return false }
        return status.f_bavail * UInt(status.f_frsize) < 1 << 20 || (status.f_files > 0 && status.f_favail == 0)
    }

    /// Makes an engine of opened parts; the caller holds the driver's lock.
    ///
    /// - Parameters:
    ///   - folder: the stack's folder.
    ///   - containers: the engine that `runner` starts containers with; nil where it starts plain processes.
    ///   - now: the clock; every instant recorded comes from it.
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
    }

    /// Closes what an earlier driver left open: attempts become interrupted, their processes end, half-made folders go.
    package func recover() async throws {
        _ = try await recorder.closeInterrupted(at: now())
        await runner.sweep(keeping: [])
        workspace.leftovers(keeping: []).forEach { workspace.clear($0) }
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
}
