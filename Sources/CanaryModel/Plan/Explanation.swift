// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// Why a job is built or not: what differs from the build it last pointed to.
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
        guard let node else { return DecisionReason(.again, "no build of it ended") }
        if node.key == last.key { return DecisionReason(.again, "the same inputs ended \(last.result.rawValue)") }
        if node.source.tree != last.source.tree {
            return DecisionReason(.headMoved, moved(job.project, from: last.source, to: node.source))
        }
        let changes = changes(to: upstreams(), since: last)
        if changes.isEmpty, node.recipeDigest != last.recipe {
            return DecisionReason(.recipeChanged, "the recipe in the manifest changed")
        }
        if node.environment != last.environment {
            return DecisionReason(.imageChanged, "the environment of `\(job.variant)` changed")
        }
        if changes.isEmpty {
            return DecisionReason(.upstreamChanged, "an upstream is built anew")
        }
        return DecisionReason(.upstreamChanged, changes.joined(separator: ", "))
    }

    func reusing(_ node: BuildNode, on upstreams: [String: Source]) -> DecisionReason {
        guard let last, node.key == last.key else {
            return DecisionReason(.unchanged, "the same inputs were built before")
        }
        let changes = changes(to: upstreams, since: last)
        if !changes.isEmpty {
            return DecisionReason(.cutOff, "\(changes.joined(separator: ", ")), and what they install is the same")
        }
        if node.source.revision != last.source.revision {
            return DecisionReason(
                .ignoredPaths, "\(moved(job.project, from: last.source, to: node.source)): ignored paths only")
        }
        return DecisionReason(.unchanged, "nothing it is built from has changed")
    }

    private func changes(to upstreams: [String: Source], since last: JobBuild) -> [String] {
        let changed = upstreams.filter { $1.tree != last.upstreams[$0]?.tree }.sorted { $0.key < $1.key }
        let changes = changed.map { name, source in
            last.upstreams[name].map { moved(name, from: $0, to: source) } ?? "`\(name)` came"
        }
        let gone = last.upstreams.keys.filter { upstreams[$0] == nil }.sorted()
        return changes + gone.map { "`\($0)` went" }
    }

    private func moved(_ project: String, from before: Source, to after: Source) -> String {
        "`\(project)` \(before.revision.shortRevision)..\(after.revision.shortRevision)"
    }
}
