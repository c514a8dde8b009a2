// SPDX-License-Identifier: Apache-2.0

import CanaryPages
import CanaryText
import HTTPTypes
import Hummingbird

extension Response {
    /// An error, as a document.
    static func problem(_ status: Int, _ text: String, hint: String? = nil, headers: HTTPFields = [:]) -> Response {
        let document = try? ProblemDocument(status: status, error: text, hint: hint).json()
        var response = Response.json((document ?? "{}") + "\n", status: .init(code: status))
        for field in headers { response.headers.append(field) }
        return response
    }

    /// A JSON text without a validator.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: CachedResponse.Kind.json.mediaType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A page without a validator.
    static func page(_ text: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: CachedResponse.Kind.html.mediaType, .cacheControl: "no-store",
                .contentSecurityPolicy: CachedResponse.pagePolicy,
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A plain text without a validator.
    static func plain(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Adds the headers that keep a browser from doing anything with a body except show it.
    mutating func secure() {
        headers[.xContentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = "no-referrer"
        headers[.xFrameOptions] = "DENY"
        if headers[.contentSecurityPolicy] == nil {
            headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
    }
}

extension CachedResponse {
    /// The response to `request`: the body, compressed if the client accepts it, or 304 if it has not changed.
    func response(to request: Request) -> Response {
        let usesGzip = compressed != nil && Self.accepts("gzip", request.headers[.acceptEncoding])
        let quoted = usesGzip ? "\"\(tag)-gz\"" : "\"\(tag)\""
        var headers: HTTPFields = [.eTag: quoted, .cacheControl: "no-cache", .vary: "Accept-Encoding"]
        switch kind {
        case .json: headers[.accessControlAllowOrigin] = "*"
        case .html: headers[.contentSecurityPolicy] = Self.pagePolicy
        case .css, .script, .text: break
        }
        if let known = request.headers[.ifNoneMatch], matches(known) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = kind.mediaType
        var content = body
        if usesGzip, let compressed {
            headers[.contentEncoding] = "gzip"
            content = compressed
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: content))
    }

    /// What a page may load and do.
    static let pagePolicy = Page.contentSecurityPolicy + "; frame-ancestors 'none'"

    /// Whether `field` contains the validator of this response, compressed or not (RFC 9110, 13.1.2).
    func matches(_ field: String) -> Bool {
        field.split(separator: ",").contains { word in
            var word = word.drop { $0 == " " || $0 == "\t" }
            if word.hasPrefix("W/") { word = word.dropFirst(2) }
            while let last = word.last, last == " " || last == "\t" { word.removeLast() }
            return word == "*" || word == "\"\(tag)\"" || word == "\"\(tag)-gz\""
        }
    }

    /// Whether the field `Accept-Encoding` accepts `coding` (RFC 9110, 12.5.3).
    static func accepts(_ coding: String, _ field: String?) -> Bool {
        guard let field else { return false }
        if field.hasPrefix("gzip"), !field.contains("q=") { return true }
        var acceptsAny = false
        for item in field.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if name == coding { return weight > 0 }
            if name == "*" { acceptsAny = weight > 0 }
        }
        return acceptsAny
    }
}

extension HTTPField.Name {
    static var referrerPolicy: Self { name("Referrer-Policy") }
    static var xFrameOptions: Self { name("X-Frame-Options") }

    /// Field names that HTTPTypes does not know; ours are well formed.
    private static func name(_ text: String) -> Self { Self(text) ?? .contentSecurityPolicy }
}
