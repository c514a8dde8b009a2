// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Hummingbird

/// A document or page as it is sent: rendered once for each change of history, then only copied.
struct CachedResponse: Sendable {
    /// The kind of a body.
    enum Kind: Sendable {
        case json
        case html
        case css
        case script
        case text

        var mediaType: String {
            switch self {
            case .json: "application/json; charset=utf-8"
            case .html: "text/html; charset=utf-8"
            case .css: "text/css; charset=utf-8"
            case .script: "text/javascript; charset=utf-8"
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            }
        }
    }

    /// Smaller bodies are not compressed: it would not save a packet.
    private static let compressionThreshold = 1024

    let kind: Kind
    let body: ByteBuffer
    let compressed: ByteBuffer?
    /// A strong validator, without quotes: different bodies have different tags.
    let tag: String

    /// Hashes `text`, and compresses it if that makes it smaller.
    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        var bytes = text
        (body, tag, compressed) = bytes.withUTF8 { content in
            var hasher = FieldHasher()
            hasher.add(bytes: UnsafeRawBufferPointer(content))
            let compressed = content.count < Self.compressionThreshold ? nil : Gzip.compressed(content)
            return (ByteBuffer(bytes: content), String(hasher.finish().prefix(32)), compressed)
        }
    }

    /// The bytes that it occupies in the cache.
    var byteCount: Int { body.readableBytes + (compressed?.readableBytes ?? 0) }
}
