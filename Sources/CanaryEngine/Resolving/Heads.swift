// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryRunner

extension Engine {
    /// The branch heads of all projects now; one that cannot be found out is left out.
    package func branchHeads() async -> [String: String] {
        let snapshot = await resolver().snapshot(for: Selection(), environments: Environments(), now: now())
        return snapshot.revisions.compactMapValues { $0.source?.revision }
    }

    /// The revisions that `job` would be built from now: its own branch head, and its upstreams where its lane and the
    /// pins have them.
    ///
    /// - Throws: `EngineError` `stopped` when one cannot be fetched.
    func heads(of job: JobID, _ overrides: Overrides) async throws(EngineError) -> [String: String] {
        guard let project = stack.graph[job.project] else { return [:] }
        let snapshot = await resolver(overrides).snapshot(
            for: Selection(jobs: [job]), environments: Environments(), now: now())
        var heads: [String: String] = [:]
        for (name, resolution) in snapshot.resolutions(of: project, in: job.lane, stack.graph) {
            switch resolution {
            case .source(let source): heads[name] = source.revision
            case .failed(_, let detail):
                throw EngineError(.stopped, "the head of `\(name)` cannot be fetched: \(detail)")
            }
        }
        return heads
    }
}
