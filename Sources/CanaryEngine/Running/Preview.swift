// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryGit
package import CanaryHistory
package import CanaryModel
import CanaryRunner
import Foundation

/// What a run would do, without a lock, a record or a container engine.
package struct Preview: Sendable {
    /// The resolved revisions.
    package let snapshot: Snapshot
    /// The decisions.
    package let plan: Plan

    /// Resolves and plans; fetches into the git mirrors and writes nothing else.
    ///
    /// - Parameter history: nil if there is none yet.
    /// - Throws: `EngineError` `badRequest` or `stateFolder`, `HistoryError`.
    package static func make(
        stack: Stack, folder: String, state: StateFolder, runtime: RuntimeChoice, history: HistoryReader?,
        request: RunRequest
    ) async throws -> Preview {
        let failing = request.failedOnly ? try await history?.failingJobs() ?? [] : []
        let selection = try request.selection(in: stack, failing: failing)
        try StateLock.open(state)
        let now = Date()
        let environments =
            runtime == .process ? await .ofProcesses(stack) : await Environments.foreseen(stack, runtime: runtime)
        let knowledge = try await history?.jobs.knowledge(of: stack.jobs) ?? Knowledge()
        let resolver = Resolver(stack: stack, folder: folder, state: state, overrides: request.overrides, git: Git())
        let snapshot = await resolver.snapshot(for: selection, environments: environments, now: now)
        try resolver.requireOverrides(in: snapshot)
        let input = PlanInput(stack: stack, snapshot: snapshot, knowledge: knowledge, selection: selection, now: now)
        return Preview(snapshot: snapshot, plan: Planner.plan(input))
    }
}

extension HistoryReader {
    /// The jobs whose last result is not a pass.
    func failingJobs() async throws -> Set<JobID> {
        let bad: Set<Result> = [.failed, .timedOut, .error, .blocked]
        return Set(try await jobs.overview().filter { $0.value.lastResult.map(bad.contains) ?? false }.keys)
    }
}
