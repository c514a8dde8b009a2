// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Who asks.
struct Caller: InitializableFromSource {
    let address: String

    init(source: ApplicationRequestContextSource) {
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// Answers every request of the site.
struct Responder: HTTPResponder {
    let pressroom: RenderCoordinator
    let streams: Streams
    let gate: BearerAuthenticator
    let inbox: Inbox?
    let counts: RequestCounts

    /// Bytes of a body that are read at most.
    private static let bodyLimit = 64 << 10
    /// For so long a body may take to come.
    private static let bodyPatience = Duration.seconds(10)

    func respond(to request: Request, context: Caller) async throws -> Response {
        counts.note()
        let parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? parts[1] : ""
        let path = parts.first ?? "/"
        var response: Response
        do {
            if let address = SiteAddress(path: path) {
                if let found = try await answer(request, at: address, query: query, from: context) {
                    response = found
                } else {
                    response = try await missing(request, at: address, path: path)
                }
            } else {
                response = try await missing(request, at: nil, path: path)
            }
        } catch let error as HistoryError {
            response = .problem(503, error.text, hint: error.hint)
        }
        response.secure()
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, at address: SiteAddress, query: Substring, from caller: Caller
    ) async throws -> Response? {
        let allowed: [HTTPRequest.Method] = address == .requests ? [.post, .options] : [.get, .head, .options]
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        guard allowed.contains(request.method) else {
            return .problem(405, "`\(request.method.rawValue)` is not answered here", headers: [.allow: list])
        }
        if request.method == .options { return options(list, at: address) }
        switch address {
        case .requests: return try await ask(request, from: caller)
        case .events: return streams.events(head: request.method == .head)
        case .health: return .plain("fine\n")
        case .metrics: return try await metrics(request)
        case .log(let attempt):
            let isFollowed = query.split(separator: "&").contains("follow=1")
            return try await streams.log(of: attempt, follow: isFollowed, head: request.method == .head)
        default:
            return try await pressroom.rendition(at: address)?.response(to: request)
        }
    }

    private func options(_ list: String, at address: SiteAddress) -> Response {
        var headers: HTTPFields = [.allow: list]
        if address.isPublic {
            headers[.accessControlAllowOrigin] = "*"
            headers[.accessControlAllowMethods] = list
            headers[.accessControlMaxAge] = "86400"
        }
        return Response(status: .noContent, headers: headers)
    }

    /// Says that nothing is at `path`: to people as a page, to programs as a document.
    private func missing(_ request: Request, at address: SiteAddress?, path: Substring) async throws -> Response {
        var text = "there is no such page"
        if case .lock(let variant)? = address, pressroom.variants.contains(variant) {
            text = "`\(variant)` has no last known good yet"
        }
        guard request.headers[.accept]?.contains("text/html") ?? false else { return .problem(404, text) }
        // A path may be as deep as it likes, the links on the page not.
        let depth = min(20, max(0, path.count { $0 == "/" } - 1))
        return .page(try await pressroom.problem(404, text, depth: depth), status: .notFound)
    }

    private func metrics(_ request: Request) async throws -> Response {
        let text = try await pressroom.metrics(requests: counts.total, streams: streams.count)
        return CachedResponse(.text, text).response(to: request)
    }

    // MARK: - Asking for something

    private func ask(_ request: Request, from caller: Caller) async throws -> Response {
        switch gate.judge(request.headers[.authorization], from: caller.address) {
        case .open: break
        case .shut: return .problem(403, "this canary takes no requests", hint: "start it with `CANARY_API_TOKEN`")
        case .wrong:
            return .problem(401, "the token is missing or wrong", headers: [.wwwAuthenticate: "Bearer"])
        case .tooOften: return .problem(429, "too many requests", headers: [.retryAfter: "30"])
        }
        guard let inbox else { return .problem(403, "this canary takes no requests") }
        let body: String
        switch try await read(request.body) {
        case .whole(let text): body = text
        case .tooLong: return .problem(413, "the body is longer than \(Self.bodyLimit) bytes")
        case .tooSlow: return .problem(408, "the body did not come in time")
        }
        switch try await inbox.ask(body) {
        case .taken(let id):
            return .json("{\"request\": \"\(id)\"}\n", status: .accepted)
        case .refused(let text, let hint): return .problem(400, text, hint: hint)
        case .full: return .problem(503, "too many requests wait", headers: [.retryAfter: "60"])
        }
    }

    private enum Read: Sendable {
        case whole(String)
        case tooLong
        case tooSlow
    }

    private func read(_ body: RequestBody) async throws -> Read {
        try await withThrowingTaskGroup(of: Read.self) { group in
            group.addTask {
                var bytes = ByteBuffer()
                for try await part in body {
                    guard bytes.readableBytes + part.readableBytes <= Self.bodyLimit else { return .tooLong }
                    bytes.writeImmutableBuffer(part)
                }
                return .whole(String(buffer: bytes))
            }
            group.addTask {
                try? await Task.sleep(for: Self.bodyPatience)
                return .tooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .tooSlow
        }
    }
}

extension SiteAddress {
    /// Whether pages of other sites may read it.
    var isPublic: Bool {
        switch self {
        case .status, .feed, .graph, .lock, .badge, .run: true
        default: false
        }
    }
}
