// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText
import Foundation

/// What somebody asks the daemon for.
package enum RequestBody: Hashable, Sendable {
    case run(RunRequest)
    /// Unmerged changes: a ref by project.
    case attempt(changes: [String: String])
    /// A search for the commit that broke `downstream`; what is nil is for the search to find.
    case search(downstream: String, upstream: String?, good: String?, bad: String?)
    /// The end of a request or a run.
    case cancel(id: String)

    /// What kind of request it is.
    package var kind: RequestKind {
        switch self {
        case .run: .run
        case .attempt: .attempt
        case .search: .search
        case .cancel: .cancel
        }
    }
}

/// Reads wishes, and writes those of commands.
package enum RequestText {
    /// Reads the wish in `text`, a JSON object, and holds it against `stack`.
    ///
    /// - Parameter isTrusted: whether it comes from a command of this machine, which may name other repositories.
    /// - Throws: `EngineError` `badRequest`.
    package static func read(_ text: String, for stack: Stack, isTrusted: Bool) throws -> RequestBody {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw EngineError(.badRequest, "the request is no JSON object")
        }
        var fields = RequestFields(object)
        let kind = try fields.text("kind") ?? ""
        guard let kind = RequestKind(rawValue: kind) else {
            let known = RequestKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw EngineError(
                .badRequest, "`kind` is \(kind.isEmpty ? "missing" : "`\(kind)`")", hint: "one of \(known)")
        }
        let wish = try self.wish(kind, &fields, isTrusted: isTrusted)
        try fields.demandNoMore()
        try demand(wish, fits: stack)
        return wish
    }

    private static func wish(_ kind: RequestKind, _ fields: inout RequestFields, isTrusted: Bool) throws -> RequestBody
    {
        switch kind {
        case .run: return .run(try run(&fields, isTrusted: isTrusted))
        case .attempt: return .attempt(changes: try fields.map("changes"))
        case .search:
            guard let downstream = try fields.text("downstream") else {
                throw EngineError(.badRequest, "`downstream` is missing")
            }
            return .search(
                downstream: downstream, upstream: try fields.text("upstream"), good: try fields.text("good"),
                bad: try fields.text("bad"))
        case .cancel:
            guard let id = try fields.text("id"), !id.isEmpty else {
                throw EngineError(.badRequest, "`id` is missing", hint: "the id of a request or of a run")
            }
            return .cancel(id: id)
        }
    }

    private static func run(_ fields: inout RequestFields, isTrusted: Bool) throws -> RunRequest {
        var request = RunRequest()
        request.trigger = "request"
        request.projects = try fields.list("projects")
        request.variants = try fields.list("variants")
        request.lanes = try fields.list("lanes").map { name in
            guard let lane = Lane(rawValue: name) else {
                throw EngineError(.badRequest, "there is no lane `\(name)`", hint: "head, release or platform")
            }
            return lane
        }
        request.downstream = try fields.flag("below")
        request.forced = try fields.flag("force")
        request.failedOnly = try fields.flag("failed")
        guard isTrusted else { return request }
        request.trigger = try fields.text("trigger") ?? "manual"
        request.until = try fields.text("until").flatMap(Stage.init)
        request.overrides.sources = try fields.map("sources")
        request.overrides.revisions = try fields.map("revisions")
        return request
    }

    private static func demand(_ wish: RequestBody, fits stack: Stack) throws {
        let projects = stack.graph.projects.map(\.name)
        switch wish {
        case .run(let request): _ = try request.selection(in: stack, failing: [])
        case .attempt(let changes):
            guard !changes.isEmpty else {
                throw EngineError(.badRequest, "`changes` is empty", hint: "expected `{\"project\": \"ref\"}`")
            }
            for (project, reference) in changes {
                try RunRequest.demand(project, among: projects, as: "project")
                try requireReference(reference)
            }
        case .search(let downstream, let upstream, let good, let bad):
            try RunRequest.demand(downstream, among: projects, as: "project")
            if let upstream { try RunRequest.demand(upstream, among: projects, as: "project") }
            try [good, bad].compactMap { $0 }.forEach(requireReference)
        case .cancel: break
        }
    }

    private static func requireReference(_ text: String) throws {
        guard GitReference.isName(text) else {
            throw EngineError(.badRequest, "expected a revision that git accepts, found \(quoted(text))")
        }
    }

    /// The text of a run, for `read` with `isTrusted`.
    package static func text(of request: RunRequest) throws -> String {
        let object: [String: Any] = [
            "kind": RequestKind.run.rawValue, "projects": request.projects, "variants": request.variants,
            "lanes": request.lanes.map(\.rawValue), "below": request.downstream, "force": request.forced,
            "failed": request.failedOnly, "trigger": request.trigger, "sources": request.overrides.sources,
            "revisions": request.overrides.revisions, "until": request.until?.rawValue as Any? ?? NSNull(),
        ]
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    /// The text of the wish to end `id`.
    package static func cancelling(_ id: String) throws -> String {
        let object = ["kind": RequestKind.cancel.rawValue, "id": id]
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }
}

/// The fields of a JSON object, each taken once.
private struct RequestFields {
    private var object: [String: Any]
    private var known: [String] = []

    init(_ object: [String: Any]) { self.object = object }

    mutating func text(_ name: String) throws -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value as? String else { throw wrong(name, "text") }
        return text
    }

    mutating func flag(_ name: String) throws -> Bool {
        guard let value = take(name) else { return false }
        guard let flag = value as? Bool else { throw wrong(name, "true or false") }
        return flag
    }

    mutating func list(_ name: String) throws -> [String] {
        guard let value = take(name) else { return [] }
        guard let list = value as? [Any] else { throw wrong(name, "a list of names") }
        let names = list.compactMap { $0 as? String }
        guard names.count == list.count, names.count <= 10_000 else { throw wrong(name, "a list of names") }
        return names
    }

    mutating func map(_ name: String) throws -> [String: String] {
        guard let value = take(name) else { return [:] }
        guard let map = value as? [String: String] else { throw wrong(name, "an object of texts") }
        return map
    }

    func demandNoMore() throws {
        guard let name = object.keys.sorted().first else { return }
        throw EngineError(
            .badRequest, "a request of this kind has no `\(name.prefix(80))`",
            hint: NearestName.hint(name, among: known))
    }

    private mutating func take(_ name: String) -> Any? {
        known.append(name)
        guard let value = object.removeValue(forKey: name), !(value is NSNull) else { return nil }
        return value
    }

    private func wrong(_ name: String, _ expected: String) -> EngineError {
        EngineError(.badRequest, "`\(name)` is not \(expected)")
    }
}
