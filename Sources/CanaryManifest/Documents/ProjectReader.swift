// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// What a project's file is read against.
struct ProjectContext {
    /// The names of all projects.
    let projects: ProjectNames
    /// The stack's variants; nil when `stack.yaml` could not be read, and then none is refused.
    let variants: [String]?
    /// The stack's limits of an attempt.
    let limits: AttemptLimits?
    let now: Date
}

/// A project and the positions of its edges.
struct PlacedProject {
    let project: Project
    let source: Source
    let edges: [String: Position]
}

/// Reads one file of `projects/`.
struct ProjectReader {
    let name: String
    let map: MapReader
    let context: ProjectContext

    /// The project; nil when it has no location.
    func read() -> PlacedProject? {
        let upstreams = UpstreamsReader(consumer: name, context: context).read(map["upstreams"])
        let location = self.location()
        let branch = map["branch"]?.line(.gitReference("branch name")) ?? "main"
        let builds = RecipeReader(map: map, context: context).read()
        let only = map["only"]?.distinctList(of: variant)
        let project = Project(
            name: name, title: map["title"]?.line(), location: location ?? .folder("."), branch: branch,
            releaseTags: map.nonNull("release-tags")?.tagGlob(), upstreams: upstreams.map(\.upstream),
            ignore: IgnoreRules(map["ignore"]?.list { $0.ignoreRule() } ?? []),
            provides: map["provides"].flatMap(provides) ?? Provides(), builds: builds,
            submodules: map["submodules"]?.flag() ?? false, owners: map["owners"]?.list { $0.line() } ?? [],
            hold: map.nonNull("hold").flatMap(hold),
            expectedFailures: map["expected-failures"]?.list(of: expectedFailure) ?? [],
            variants: only.map { Set($0) })
        let edges = upstreams.map { ($0.upstream.project, $0.position) }
        return PlacedProject(
            project: project, source: map.source, edges: Dictionary(edges, uniquingKeysWith: { first, _ in first }))
    }

    private func location() -> Project.Location? {
        let repository = map["repository"]
        let source = map["source"]
        if let source, repository != nil {
            map.source.error("`repository` and `source` exclude each other", at: source.keyPosition)
        }
        if repository == nil, source == nil {
            let hint = "`repository:` is a URL or an absolute path, `source:` a folder of the stack's own repository"
            map.source.error("expected `repository` or `source`, found neither", at: map.position, hint: hint)
        }
        let folder = source?.line(.relativeFolder).map { Project.Location.folder($0) }
        return repository?.line(.repository).map { .repository($0) } ?? folder
    }

    private func provides(_ field: Field) -> Provides? {
        guard let map = MapReader(field, as: .provides) else { return nil }
        return Provides(
            packages: map["packages"]?.list { $0.line(.cacheVariable) } ?? [],
            files: map["files"]?.list { $0.installedGlob() } ?? [])
    }

    private func hold(_ field: Field) -> Hold? {
        guard let map = MapReader(field, as: .hold) else { return nil }
        let until = map["until"]
        let hold = Hold(until: until?.date(), reason: map.required("reason")?.line() ?? "")
        if let end = hold.until, let until, !hold.holds(at: context.now) {
            let message = "the hold ended on \(end.day): \(quoted(name)) is built again"
            map.source.warning(message, at: until.node.position, hint: "remove the hold, or give it a new date")
        }
        return hold
    }

    private func expectedFailure(_ field: Field) -> ExpectedFailure? {
        guard let map = MapReader(field, as: .expectedFailure) else { return nil }
        let variant = map["variant"].flatMap(self.variant)
        let lane = map["lane"]?.choice(Lane.self)
        let issue = map.required("issue")?.line()
        let reason = map.required("reason")?.paragraph()
        let until = map.required("until")
        let match = map["match"]?.line(.regularExpression)
        guard let end = until?.date() else { return nil }
        if let until, end <= context.now {
            let message = "the expected failure ended on \(end.day): it is news again"
            map.source.warning(message, at: until.node.position, hint: "remove it, or give it a new date")
        }
        guard let issue, let reason else { return nil }
        return ExpectedFailure(
            variant: variant, lane: lane, issue: issue, reason: reason, until: end, match: match)
    }

    private func variant(_ field: Field) -> String? {
        guard let variants = context.variants else { return field.line() }
        return field.reference(to: "variant", in: variants)
    }
}
