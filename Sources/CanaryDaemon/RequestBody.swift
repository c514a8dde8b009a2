// SPDX-License-Identifier: Apache-2.0

package import CanaryEngine
package import CanaryHistory
package import CanaryModel
import CanaryText
import Foundation

/// The content of a request to the daemon: a JSON object whose `kind` decides which other keys it has.
package enum RequestBody: Hashable, Sendable {
    /// A run.
    case run(RunRequest)
    /// A try of unmerged changes.
    case attempt(TryRequest)
    /// A search for the commit that broke a project.
    case search(UpstreamRequest)
    /// The cancellation of a request or a run.
    case cancel(id: String)

    /// The kind of the request.
    package var kind: RequestKind {
        switch self {
        case .run: .run
        case .attempt: .attempt
        case .search: .search
        case .cancel: .cancel
        }
    }

    /// Decodes `text` and checks that its names exist in `stack`.
    ///
    /// - Parameter isTrusted: whether it comes from a command on this machine, which may name other repositories.
    /// - Throws: `EngineError` `badRequest` for text that is not a JSON object, an unknown key or name, a value of the
    ///   wrong type, or a NUL character.
    package init(_ text: String, for stack: Stack, isTrusted: Bool) throws {
        var fields = try RequestFields(text)
        let name = try fields.text("kind") ?? ""
        guard let kind = RequestKind(rawValue: name) else {
            let known = RequestKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw EngineError(
                .badRequest, "`kind` is \(name.isEmpty ? "missing" : "`\(name)`")", hint: "one of \(known)")
        }
        switch kind {
        case .run: self = .run(try RunRequest(&fields, isTrusted: isTrusted))
        case .attempt: self = .attempt(try TryRequest(&fields, isTrusted: isTrusted))
        case .search: self = .search(try UpstreamRequest(&fields, isTrusted: isTrusted))
        case .cancel: self = .cancel(id: try fields.requiredText("id", hint: "the id of a request or of a run"))
        }
        try fields.requireNoMore()
        try check(against: stack)
    }

    /// The JSON object that `init`, with `isTrusted`, decodes to the same request.
    package func text() throws -> String {
        var object: [String: Any]
        switch self {
        case .run(let request): object = request.object
        case .attempt(let request): object = request.object
        case .search(let request): object = request.object
        case .cancel(let id): object = ["id": id]
        }
        object["kind"] = kind.rawValue
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    private func check(against stack: Stack) throws {
        switch self {
        case .run(let request): _ = try request.selection(in: stack, failing: [])
        case .attempt(let request):
            try request.variants.forEach { try stack.require(variant: $0) }
            guard !request.changes.isEmpty else {
                throw EngineError(.badRequest, "`changes` is empty", hint: "expected `{\"project\": \"ref\"}`")
            }
            for (project, reference) in request.changes {
                try stack.require(project: project)
                try Self.requireRevision(reference)
            }
        case .search(let request):
            try stack.require(project: request.downstream)
            if let upstream = request.upstream { try stack.require(project: upstream) }
            if let variant = request.variant { try stack.require(variant: variant) }
            try [request.good, request.bad].compactMap(\.self).forEach(Self.requireRevision)
        case .cancel: break
        }
    }

    /// Refuses what git would take for an option, and what cannot be the name of a revision.
    private static func requireRevision(_ text: String) throws {
        guard GitReference.isArgument(text) else {
            throw EngineError(.badRequest, "expected a tag, a branch or a commit, found \(quoted(text))")
        }
    }
}

extension RunRequest {
    /// The keys of `kind: run`; only trusted requests name repositories and revisions.
    fileprivate init(_ fields: inout RequestFields, isTrusted: Bool) throws {
        self.init()
        trigger = "request"
        projects = try fields.list("projects")
        variants = try fields.list("variants")
        lanes = try fields.list("lanes").map(Lane.init(requested:))
        downstream = try fields.flag("below")
        forced = try fields.flag("force")
        failedOnly = try fields.flag("failed")
        guard isTrusted else { return }
        trigger = try fields.text("trigger") ?? "manual"
        until = try fields.text("until").map { name in
            guard let stage = Stage(rawValue: name) else {
                throw EngineError(.badRequest, "there is no stage `\(name)`")
            }
            return stage
        }
        overrides.sources = try fields.map("sources")
        overrides.revisions = try fields.map("revisions")
    }

    fileprivate var object: [String: Any] {
        [
            "projects": projects, "variants": variants, "lanes": lanes.map(\.rawValue), "below": downstream,
            "force": forced, "failed": failedOnly, "trigger": trigger, "sources": overrides.sources,
            "revisions": overrides.revisions, "until": until?.rawValue as Any? ?? NSNull(),
        ]
    }
}
