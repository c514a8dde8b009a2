// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryText
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
    let hosts: AllowedHosts

    /// The most bytes of a body that are read.
    private static let bodyLimit = 64 << 10
    /// How long a body may take to arrive.
    private static let bodyTimeout = Duration.seconds(10)

    func respond(to request: Request, context: Caller) async throws -> Response {
        counts.increment()
        if let refusal = refusal(of: request.head.authority, from: context) { return refusal }
        let parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? parts[1] : ""
        let path = parts.first ?? "/"
        let address = SiteAddress(path: path)
        var response: Response
        do {
            if let address, let found = try await answer(request, at: address, query: query, from: context) {
                response = found
            } else {
                response = try await notFound(request, at: address, path: path)
            }
        } catch let error as HistoryError {
            response = .problem(503, error.text, hint: error.hint)
        }
        if address?.isPublic == true {
            // Scripts of other sites may read errors and validators too.
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.accessControlExposeHeaders] = "ETag"
        }
        response.secure()
        guard request.method == .head else { return response }
        // A stream has no length to announce, and an empty body would announce 0.
        return response.headers[.contentLength] == nil ? response : response.createHeadResponse()
    }

    /// The answer to a request that does not name one of our hosts; nil if it does.
    private func refusal(of authority: String?, from caller: Caller) -> Response? {
        var response: Response
        switch hosts.check(authority, from: caller.address) {
        case .allowed: return nil
        case .missing: response = .problem(400, "the request names no host", hint: "send the field `Host`")
        case .unknown(let host):
            response = .problem(
                421, "this server is not `\(SanitizedText.line(host, limit: 100))`",
                hint:
                    "`canary serve --allow-host NAME` adds a name to the known ones, as does `site-url:` in `stack.yaml`"
            )
        }
        response.secure()
        return response
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
            return try await streams.log(of: attempt, .init(query: query), head: request.method == .head)
        default:
            return try await coordinator.response(at: address)?.response(to: request)
        }
    }

    private func options(_ list: String, at address: SiteAddress) -> Response {
        var headers: HTTPFields = [.allow: list]
        if address.isPublic {
            headers[.accessControlAllowMethods] = list
            headers[.accessControlAllowHeaders] = "If-None-Match"
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
        case .tooManyTries:
            return .problem(429, "too many wrong tokens", headers: [.retryAfter: "30", .wwwAuthenticate: "Bearer"])
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
                let text = String(buffer: bytes)
                // A byte order mark is no part of the text (RFC 8259, 8.1).
                return .whole(text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text)
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
