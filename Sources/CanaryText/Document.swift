// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A JSON document of the contract: it names its schema, and depends only on the values it was made from.
package protocol Document: Encodable, Sendable {
    /// `canary.<name>/<version>`.
    var schema: String { get }
}

extension Encodable {
    /// The document as JSON text: keys sorted, times in RFC 3339 UTC, no escaped slashes.
    ///
    /// - Parameter onOneLine: without line breaks, for files of one document a line.
    package func json(onOneLine: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.rfc3339)
        }
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// A field that is written as `null` when it has no value, so that readers find every key.
package struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    /// The value.
    package let value: Value?

    /// Wraps `value`.
    package init(_ value: Value?) { self.value = value }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
