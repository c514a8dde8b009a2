// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Values that are stored whole, as JSON: nothing is ever looked up by what is in them.
enum JSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// A list or an object that is empty most of the time: then no encoder is created.
    static func text(_ value: some Encodable & Collection, or empty: String) throws -> String {
        value.isEmpty ? empty : try text(value)
    }

    static func value<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// A list or an object that is empty most of the time: then no decoder is created.
    static func value<Value: Decodable & Collection>(_ text: String, or empty: Value) throws -> Value {
        text == "[]" || text == "{}" ? empty : try value(text)
    }

    /// A list of numbers, for `json_each`.
    static func list(_ numbers: some Collection<Int64>) -> String {
        "[\(numbers.map { String($0) }.joined(separator: ","))]"
    }
}
