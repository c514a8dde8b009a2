// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// The kinds of receivers, as `kind:` names them.
enum NotifyKind: String, CaseIterable {
    case webhook
    case githubIssue = "github-issue"
    case githubStatus = "github-status"
    case command
    case file

    /// The keys a receiver of this kind may hold.
    var shape: Shape {
        Shape(.stack, "notify-\(rawValue)", keys: ["name", "kind", "projects"] + ownKeys)
    }

    fileprivate var ownKeys: [String] {
        switch self {
        case .webhook: ["format", "url-env"]
        case .githubIssue, .githubStatus: ["repository", "token-env"]
        case .command: ["run"]
        case .file: ["path"]
        }
    }

    /// Every key of some kind: for receivers whose own kind cannot be read.
    fileprivate static var anyShape: Shape {
        Shape(.stack, keys: ["name", "kind", "projects"] + allCases.flatMap(\.ownKeys))
    }
}

/// Reads `notify:` of `stack.yaml`.
struct NotifyReader {
    /// The names of all projects.
    let projects: ProjectNames

    /// The receivers, in the order they are written.
    func read(_ field: Field) -> [NotifyTarget] {
        var names: Set<String> = []
        return field.list { element in
            guard let (target, position) = self.target(element) else { return nil }
            guard names.insert(target.name).inserted else {
                element.source.error("two receivers are called \(quoted(target.name))", at: position)
                return nil
            }
            return target
        } ?? []
    }

    private func target(_ field: Field) -> (NotifyTarget, Position)? {
        guard let written = kind(of: field) else {
            _ = MapReader(field, as: NotifyKind.anyShape)?.required("kind")?.choice(NotifyKind.self)
            return nil
        }
        guard let map = MapReader(field, as: written.shape) else { return nil }
        let name = map.required("name")
        let kind = details(of: written, map)
        let projects = map["projects"]?.distinctList { self.projects.reference($0) } ?? []
        guard let name, let text = name.line(.identifier), let kind else { return nil }
        return (NotifyTarget(name: text, kind: kind, projects: projects), name.node.position)
    }

    private func kind(of field: Field) -> NotifyKind? {
        guard case .mapping(let entries) = field.node.content,
            case .scalar(let scalar) = entries.first(where: { $0.key == "kind" })?.value.content
        else { return nil }
        return NotifyKind(rawValue: scalar.text)
    }

    private func details(of kind: NotifyKind, _ map: MapReader) -> NotifyTarget.Kind? {
        switch kind {
        case .webhook:
            let format = map["format"]?.choice(NotifyTarget.WebhookFormat.self) ?? .json
            return map.required("url-env")?.line(.variableName).map { .webhook(format: format, urlVariable: $0) }
        case .githubIssue:
            return gitHub(map).map { .githubIssue(repository: $0, tokenVariable: $1) }
        case .githubStatus:
            return gitHub(map).map { .githubStatus(repository: $0, tokenVariable: $1) }
        case .command:
            return map.required("run").flatMap(command).map { .command($0) }
        case .file:
            return map.required("path")?.line().map { .file($0) }
        }
    }

    private func gitHub(_ map: MapReader) -> (String, String)? {
        let repository = map.required("repository")?.line(.gitHubRepository)
        let token = map.required("token-env")?.line(.variableName)
        guard let repository, let token else { return nil }
        return (repository, token)
    }

    private func command(_ field: Field) -> [String]? {
        guard let words = field.list(of: { $0.text() }) else { return nil }
        guard let program = words.first, !program.isEmpty else {
            field.source.error("`run`: expected a program and its arguments, found none", at: field.node.position)
            return nil
        }
        return words
    }
}
