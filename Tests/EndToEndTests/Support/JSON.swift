// SPDX-License-Identifier: Apache-2.0

/// Any JSON value, with subscripts that answer `missing` for what is not there.
enum JSON: Equatable, Sendable {
    case missing
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    subscript(key: String) -> JSON { if case .object(let fields) = self { fields[key] ?? .missing } else { .missing } }
    subscript(index: Int) -> JSON { items.indices.contains(index) ? items[index] : .missing }

    var items: [JSON] { if case .list(let items) = self { items } else { [] } }
    var fields: [String: JSON] { if case .object(let fields) = self { fields } else { [:] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// The job of a document's `jobs`.
    func job(_ name: String) -> JSON { self["jobs"].items.first { $0["job"] == .text(name) } ?? .missing }

    /// One field of each item.
    func all(_ key: String) -> [String] { items.compactMap { $0[key].text } }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByStringInterpolation
{
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(nilLiteral: ()) { self = .null }
    init(arrayLiteral elements: JSON...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(uniqueKeysWithValues: elements)) }
}
