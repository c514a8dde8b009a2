// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryGit
package import CanaryHistory
package import CanaryModel
package import CanaryRunner
import Foundation

/// Finds out what it takes to make an attempt again: what was built is history's to say, how it is built the manifests'.
package struct Reproducer: Sendable {
    private let stack: Stack
    private let resolver: Resolver
    private let history: HistoryReader

    /// Reproduces attempts of `stack`.
    ///
    /// - Parameters:
    ///   - folder: the stack's folder.
    ///   - sources: repositories to take in place of the manifests', by project.
    /// - Throws: `EngineError` `badRequest` for a project in `sources` that the stack does not have.
    package init(
        stack: Stack, folder: String, state: StateFolder, history: HistoryReader, sources: [String: String] = [:]
    ) throws {
        for project in sources.keys.sorted() {
            try RunRequest.demand(project, among: stack.graph.projects.map(\.name), as: "project")
        }
        var overrides = Overrides()
        overrides.sources = sources
        self.stack = stack
        resolver = Resolver(stack: stack, folder: folder, state: state, overrides: overrides, git: Git())
        self.history = history
    }

    /// What it takes to make `attempt` again: the revisions it really used, and the recipes of the manifests as they
    /// are now.
    ///
    /// - Throws: `EngineError` `badRequest` when the stack lacks a project or variant of it, `HistoryError`.
    package func reproduction(of attempt: AttemptRecord) async throws -> Reproduction {
        let use = try await use(of: attempt)
        let records = try await records(of: attempt.key)
        var making = ReproductionBuilder(stack: stack, attempt: attempt, use: use)
        for record in records { try making.add(record) }
        guard let build = making.builds.last else { throw Self.lost(attempt) }
        // What was not fetched was built on nothing.
        let upstreams = attempt.outcome?.stage == .fetch ? [] : making.builds.dropLast()
        return Reproduction(
            attempt: attempt.id, outcome: attempt.outcome, upstreams: upstreams.map(placed), build: placed(build),
            warnings: making.warnings)
    }

    private func placed(_ making: ReproductionBuilder.Build) -> Reproduction.Build {
        let project = making.project
        return Reproduction.Build(
            order: making.order, address: resolver.mirror(of: project).address, folder: project.folder,
            submodules: project.submodules, isStandIn: making.isStandIn)
    }

    /// The job that the attempt decided in its run; nil for a build that only supports others.
    private func use(of attempt: AttemptRecord) async throws -> PlannedJob? {
        try await history.runs.run(attempt.run)?.jobs.first { $0.planned.key == attempt.key }?.planned
    }

    /// The build of `key` behind all those it stands on, in building order.
    private func records(of key: String) async throws -> [BuildRecord] {
        guard let own = try await history.builds.build(key)?.build else { return [] }
        var records: [BuildRecord] = []
        for upstream in own.upstreams {
            if let record = try await history.builds.build(upstream.key)?.build { records.append(record) }
        }
        // The upstreams of a build are all it stands on: it has more of them than any of these.
        return records.sorted { ($0.upstreams.count, $0.project) < ($1.upstreams.count, $1.project) } + [own]
    }

    private static func lost(_ attempt: AttemptRecord) -> EngineError {
        EngineError(.badRequest, "the build of `\(attempt.id)` is not in history")
    }
}
