// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// Explains why a job is built or not by comparing it with the build it last used.
struct Explanation {
    private let job: JobID
    private let source: Source?
    private let last: JobBuild?

    init(_ target: Target, input: PlanInput) {
        job = target.job
        source = target.source
        last = input.knowledge.lastBuilds[target.job]
    }

    func unresolved(_ code: ReasonCode) -> DecisionReason {
        DecisionReason(last == nil ? .neverBuilt : .again, code.sentence)
    }

    func building(_ node: BuildNode?, on upstreams: @autoclosure () -> [String: Source]) -> DecisionReason {
        guard let last else { return DecisionReason(.neverBuilt, "no build of `\(job)` is known") }
        guard let node else { return DecisionReason(.again, "none of its builds has finished") }
        if node.key == last.key { return DecisionReason(.again, "the same inputs \(last.result.phrase) before") }
        let isRevisionRead = node.variables[.revision] != nil
        if node.source.tree != last.source.tree || isRevisionRead && node.source.revision != last.source.revision {
            return DecisionReason(.headMoved, revisions(job.project, from: last.source, to: node.source))
        }
        let changes = changes(to: upstreams(), since: last)
        if changes.isEmpty, node.recipeDigest != last.recipe {
            return DecisionReason(.recipeChanged, "the recipe in the manifest changed")
        }
        if node.environment != last.environment {
            return DecisionReason(.imageChanged, "the environment of `\(job.variant)` changed")
        }
        if changes.isEmpty {
            return DecisionReason(.upstreamChanged, "an upstream is rebuilt")
        }
        return DecisionReason(.upstreamChanged, changes.joined(separator: ", "))
    }

    func reusing(_ node: BuildNode, on upstreams: [String: Source]) -> DecisionReason {
        guard let last, node.key == last.key else {
            return DecisionReason(.unchanged, "the same inputs were built before")
        }
        let changes = changes(to: upstreams, since: last)
        if !changes.isEmpty {
            return DecisionReason(.cutOff, "\(changes.joined(separator: ", ")), but the installed files are the same")
        }
        if node.source.revision != last.source.revision {
            return DecisionReason(
                .ignoredPaths,
                "\(revisions(job.project, from: last.source, to: node.source)): only ignored paths changed")
        }
        return DecisionReason(.unchanged, "nothing it is built from has changed")
    }

    private func changes(to upstreams: [String: Source], since last: JobBuild) -> [String] {
        let changed = upstreams.filter { $1.tree != last.upstreams[$0]?.tree }.sorted { $0.key < $1.key }
        let changes = changed.map { name, source in
            last.upstreams[name].map { revisions(name, from: $0, to: source) } ?? "`\(name)` was added"
        }
        let gone = last.upstreams.keys.filter { upstreams[$0] == nil }.sorted()
        return changes + gone.map { "`\($0)` was removed" }
    }

    private func revisions(_ project: String, from before: Source, to after: Source) -> String {
        "`\(project)` \(before.revision.shortRevision)..\(after.revision.shortRevision)"
    }
}
