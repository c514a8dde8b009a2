// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryGit
package import CanaryHistory
package import CanaryModel
package import CanaryRunner

/// Collects what reproduces an attempt: history has the revisions, the manifests have the recipes.
package struct Reproducer: Sendable {
    private let stack: Stack
    private let resolver: Resolver
    private let history: HistoryReader

    /// Reproduces attempts of `stack`.
    ///
    /// - Parameters:
    ///   - folder: the directory of the stack's manifests.
    ///   - sources: repositories that replace those of the manifests, by project.
    /// - Throws: `EngineError` `badRequest` for a project in `sources` that the stack does not have.
    package init(
        stack: Stack, folder: String, state: StateFolder, history: HistoryReader, sources: [String: String] = [:]
    ) throws {
        for project in sources.keys.sorted() {
            try stack.require(project: project)
        }
        self.stack = stack
        resolver = Resolver(
            stack: stack, folder: folder, state: state, overrides: Overrides(sources: sources), git: Git())
        self.history = history
    }

    /// What reproduces `attempt`: the revisions it used, and the current recipes of the manifests.
    ///
    /// - Throws: `EngineError` `badRequest` when the stack lacks a project or variant of it, `HistoryError`.
    package func reproduction(of attempt: AttemptRecord) async throws -> Reproduction {
        let use = try await use(of: attempt)
        let records = try await records(of: attempt.key)
        var builder = ReproductionBuilder(stack: stack, attempt: attempt, use: use)
        for record in records { try builder.add(record) }
        guard let build = builder.builds.last else { throw Self.lost(attempt) }
        // An attempt that failed to fetch used no upstreams.
        let upstreams = attempt.outcome?.stage == .fetch ? [] : builder.builds.dropLast()
        return Reproduction(
            attempt: attempt.id, outcome: attempt.outcome, upstreams: upstreams.map(entry), build: entry(build),
            warnings: builder.warnings)
    }

    private func entry(_ build: ReproductionBuilder.Build) -> Reproduction.Build {
        let project = build.project
        return Reproduction.Build(
            order: build.order, address: resolver.mirror(of: project).address, folder: project.folder,
            submodules: project.submodules, isStandIn: build.isStandIn)
    }

    /// The job that the attempt decided in its run; nil for a build that only supports others.
    private func use(of attempt: AttemptRecord) async throws -> PlannedJob? {
        try await history.runs.run(attempt.run)?.jobs.first { $0.planned.key == attempt.key }?.planned
    }

    /// The build of `key` and, before it, all its upstream builds in build order.
    private func records(of key: String) async throws -> [BuildRecord] {
        guard let own = try await history.builds.build(key)?.build else { return [] }
        var records: [BuildRecord] = []
        for upstream in own.upstreams {
            if let record = try await history.builds.build(upstream.key)?.build { records.append(record) }
        }
        // A build has more upstreams than each of them has, because transitive ones count.
        return records.sorted { ($0.upstreams.count, $0.project) < ($1.upstreams.count, $1.project) } + [own]
    }

    private static func lost(_ attempt: AttemptRecord) -> EngineError {
        EngineError(.badRequest, "the build of `\(attempt.id)` is not in history")
    }
}
