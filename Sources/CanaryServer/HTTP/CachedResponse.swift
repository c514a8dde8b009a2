// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Hummingbird

/// A document or page as it goes over the wire: made once a change, then only copied.
struct CachedResponse: Sendable {
    /// What a body is.
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

    /// Bodies smaller than this are not compressed: it would not save a packet.
    private static let worthCompressing = 1024

    let kind: Kind
    let body: ByteBuffer
    let compressed: ByteBuffer?
    /// A strong validator, without quotes: another body has another one.
    let tag: String

    /// Prepares `text`.
    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        var bytes = text
        (body, tag, compressed) = bytes.withUTF8 { content in
            var hasher = FieldHasher()
            hasher.add(bytes: UnsafeRawBufferPointer(content))
            let compressed = content.count < Self.worthCompressing ? nil : Gzip.compressed(content)
            return (ByteBuffer(bytes: content), String(hasher.finish().prefix(32)), compressed)
        }
    }

    /// Bytes kept for it.
    var weight: Int { body.readableBytes + (compressed?.readableBytes ?? 0) }
}
