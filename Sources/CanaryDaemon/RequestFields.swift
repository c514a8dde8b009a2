// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryText
import Foundation

/// The fields of a JSON object that is decoded strictly: each has one type, and an unknown one is an error.
struct RequestFields {
    private enum Value: Decodable {
        case null
        case flag(Bool)
        case text(String)
        case list([Value])
        case object([String: Value])
        case number(Double)
        case other

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let list = try? value.decode([Value].self) {
                self = .list(list)
            } else if let object = try? value.decode([String: Value].self) {
                self = .object(object)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .other
            }
        }

        var text: String? { if case .text(let text) = self { text } else { nil } }
    }

    private static let mostNames = 10_000

    private var object: [String: Value]
    private var known: [String] = []

    /// Decodes a JSON object.
    ///
    /// - Throws: `EngineError` `badRequest` when `text` is something else.
    init(_ text: String) throws(EngineError) {
        guard case .object(let object)? = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) else {
            throw EngineError(.badRequest, "the request body is not a JSON object")
        }
        self.object = object
    }

    /// The text of the field `name`; nil if it is absent or null.
    mutating func text(_ name: String) throws(EngineError) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value.text else { throw Self.unexpected(name, "text") }
        return try Self.withoutNUL(text, in: name)
    }

    /// The text of the field `name`, which must be there and not empty.
    mutating func requiredText(_ name: String, hint: String? = nil) throws(EngineError) -> String {
        guard let text = try text(name), !text.isEmpty else {
            throw EngineError(.badRequest, "`\(name)` is missing", hint: hint)
        }
        return text
    }

    /// The number of the field `name`, at most a billion; nil if it is absent or null.
    mutating func number(_ name: String) throws(EngineError) -> Double? {
        guard let value = take(name) else { return nil }
        guard case .number(let number) = value, abs(number) <= 1e9 else { throw Self.unexpected(name, "a number") }
        return number
    }

    /// Whether the field `name` is true; false if it is absent or null.
    mutating func flag(_ name: String) throws(EngineError) -> Bool {
        guard let value = take(name) else { return false }
        guard case .flag(let flag) = value else { throw Self.unexpected(name, "true or false") }
        return flag
    }

    /// The names in the list `name`; empty if it is absent or null.
    mutating func list(_ name: String) throws(EngineError) -> [String] {
        guard let value = take(name) else { return [] }
        guard case .list(let list) = value, list.count <= Self.mostNames else {
            throw Self.unexpected(name, "a list of names")
        }
        return try list.map { item throws(EngineError) in
            guard let text = item.text else { throw Self.unexpected(name, "a list of names") }
            return try Self.withoutNUL(text, in: name)
        }
    }

    /// The texts in the object `name`, by key; empty if it is absent or null.
    mutating func map(_ name: String) throws(EngineError) -> [String: String] {
        guard let value = take(name) else { return [:] }
        guard case .object(let object) = value else { throw Self.unexpected(name, "an object of texts") }
        var map: [String: String] = [:]
        for (key, item) in object {
            guard let text = item.text else { throw Self.unexpected(name, "an object of texts") }
            map[try Self.withoutNUL(key, in: name)] = try Self.withoutNUL(text, in: name)
        }
        return map
    }

    /// Requires that all fields were read: any other is unknown.
    func requireNoMore() throws(EngineError) {
        guard let name = object.keys.sorted().first else { return }
        let nearest = NearestName.of(name, among: known)
        throw EngineError(
            .badRequest, "a request of this kind does not have `\(name.prefix(80))`",
            hint: nearest.map { "did you mean `\($0)`?" } ?? "known: \(known.joined(separator: ", "))")
    }

    private mutating func take(_ name: String) -> Value? {
        known.append(name)
        guard let value = object.removeValue(forKey: name) else { return nil }
        if case .null = value { return nil }
        return value
    }

    private static func withoutNUL(_ text: String, in name: String) throws(EngineError) -> String {
        guard !text.utf8.contains(0) else { throw EngineError(.badRequest, "`\(name)` contains a NUL character") }
        return text
    }

    private static func unexpected(_ name: String, _ expected: String) -> EngineError {
        EngineError(.badRequest, "`\(name)` is not \(expected)")
    }
}
