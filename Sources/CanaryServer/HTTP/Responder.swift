// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The client of a request.
struct Caller: InitializableFromSource {
    let address: String

    init(source: ApplicationRequestContextSource) {
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// Answers every request of the site.
struct Responder: HTTPResponder {
    let coordinator: RenderCoordinator
    let streams: Streams
    let authenticator: BearerAuthenticator
    let inbox: Inbox?
    let counts: RequestCounts

    /// The most bytes of a body that are read.
    private static let bodyLimit = 64 << 10
    /// How long a body may take to arrive.
    private static let bodyTimeout = Duration.seconds(10)

    func respond(to request: Request, context: Caller) async throws -> Response {
        counts.increment()
        let parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? parts[1] : ""
        let path = parts.first ?? "/"
        var response: Response
        do {
            if let address = SiteAddress(path: path) {
                if let found = try await answer(request, at: address, query: query, from: context) {
                    response = found
                } else {
                    response = try await notFound(request, at: address, path: path)
                }
            } else {
                response = try await notFound(request, at: nil, path: path)
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
            return .problem(405, "method `\(request.method.rawValue)` is not supported here", headers: [.allow: list])
        }
        if request.method == .options { return options(list, at: address) }
        switch address {
        case .requests: return try await submit(request, from: caller)
        case .events: return streams.events(head: request.method == .head)
        case .health: return .plain("fine\n")
        case .metrics: return try await metrics(request)
        case .log(let attempt):
            let isFollowed = query.split(separator: "&").contains("follow=1")
            return try await streams.log(of: attempt, follow: isFollowed, head: request.method == .head)
        default:
            return try await coordinator.response(at: address)?.response(to: request)
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

    /// Reports that nothing exists at `path`: to people as a page, to programs as a document.
    private func notFound(_ request: Request, at address: SiteAddress?, path: Substring) async throws -> Response {
        var text = "there is no such page"
        if case .lock(let variant)? = address, coordinator.variants.contains(variant) {
            text = "`\(variant)` has no last known good yet"
        }
        guard request.headers[.accept]?.contains("text/html") ?? false else { return .problem(404, text) }
        // A path may have any depth; the links on the page are limited.
        let depth = min(20, max(0, path.count { $0 == "/" } - 1))
        return .page(try await coordinator.problem(404, text, depth: depth), status: .notFound)
    }

    private func metrics(_ request: Request) async throws -> Response {
        let text = try await coordinator.metrics(requests: counts.total, streams: streams.count)
        return CachedResponse(.text, text).response(to: request)
    }

    // MARK: - Requests to the daemon

    private func submit(_ request: Request, from caller: Caller) async throws -> Response {
        switch authenticator.check(request.headers[.authorization], from: caller.address) {
        case .accepted: break
        case .disabled:
            return .problem(
                403, "this server does not accept requests", hint: "set `CANARY_API_TOKEN` before you start it")
        case .invalidToken:
            return .problem(401, "the token is missing or wrong", headers: [.wwwAuthenticate: "Bearer"])
        case .tooManyTries: return .problem(429, "too many requests", headers: [.retryAfter: "30"])
        }
        guard let inbox else { return .problem(403, "this server does not accept requests") }
        let body: String
        switch try await read(request.body) {
        case .whole(let text): body = text
        case .tooLong: return .problem(413, "the body is longer than \(Self.bodyLimit) bytes")
        case .tooSlow: return .problem(408, "the body did not arrive in time")
        }
        switch try await inbox.submit(body) {
        case .accepted(let id):
            return .json("{\"request\": \"\(id)\"}\n", status: .accepted)
        case .refused(let text, let hint): return .problem(400, text, hint: hint)
        case .full: return .problem(503, "too many requests are waiting", headers: [.retryAfter: "60"])
        }
    }

    private enum BodyRead: Sendable {
        case whole(String)
        case tooLong
        case tooSlow
    }

    private func read(_ body: RequestBody) async throws -> BodyRead {
        try await withThrowingTaskGroup(of: BodyRead.self) { group in
            group.addTask {
                var bytes = ByteBuffer()
                for try await part in body {
                    guard bytes.readableBytes + part.readableBytes <= Self.bodyLimit else { return .tooLong }
                    bytes.writeImmutableBuffer(part)
                }
                return .whole(String(buffer: bytes))
            }
            group.addTask {
                try? await Task.sleep(for: Self.bodyTimeout)
                return .tooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .tooSlow
        }
    }
}

extension SiteAddress {
    /// Whether scripts of other sites may read it.
    var isPublic: Bool {
        switch self {
        case .status, .feed, .graph, .lock, .badge, .run: true
        default: false
        }
    }
}
