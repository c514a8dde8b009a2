// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Swift that a reader of words and brackets may take for something else; all of it keeps the rules.
package struct Tricky<Element: Hashable & Sendable>: Sendable where Element: Comparable {
    /// A brace in a string `{`, in a comment /* { /* { */ */ and in a literal.
    package let braces = ["{", #"{ " "#, "\"{", "\\", "\("{")", "\(["a": "}"]["a"] ?? "{")"]

    /// Text that looks like code.
    package var text: String {
        """
        package func undocumented() { print("{") }
        \(braces.map { brace in
            if brace.isEmpty { "{" } else { brace }
        }.joined(separator: "{"))
        """
    }

    /// Regexes, and divisions that are none.
    package func matches(_ text: String, _ share: Int) -> Bool {
        let quotient = share / 2 / 1
        let isQuoted = text.contains(/\/["{]{2}\/\{/) || text.contains(#/{"/{2}/#)
        return isQuoted || quotient / share == (share) / 2
    }

    /// Six parameters whose types and defaults have commas and braces of their own.
    @discardableResult @available(*, deprecated, message: "a, b { c")
    package func six<Key: Hashable, Value: Collection<Int>>(
        _ pairs: [(key: Key, value: Value)], by order: (Key, Key) -> Bool,
        into table: inout [Key: Dictionary<Key, Set<Int>>],
        on closure: @escaping @Sendable (Int, _ second: Dictionary<Int, [Int]>) async throws -> Void = { _, _ in },
        for limit: Int = [1, 2, 3].map { number in max(number, 2) }.reduce(0, +),
        where isSmall: Bool = 1 < 2,
    ) rethrows -> [Key: (Value, Value)] where Key: Comparable {
        [:]
    }

    package init() {}

    /// A name in backticks, and a tuple.
    package func `if { this, that (other`(_ pair: (Int, Int)) -> (Int, Int) { pair }

    /// Reads and writes.
    package subscript<Index: BinaryInteger>(index: Index, default fallback: @autoclosure () -> Int) -> Int {
        get { fallback() }
        nonmutating set(value) { _ = value }
    }

    /// Below or equal; an operator whose name begins like a list of generics.
    package static func <= (left: Tricky, right: Tricky) -> Bool { left < right }
    package static func < (left: Tricky, right: Tricky) -> Bool { true }
}

extension Tricky {
    /// Nested to the wall, among blocks that lie side by side.
    func nested(_ values: [Int?]) -> Int {
        var sum = { 0 }()
        if let first = { values.first }(), let value = first { sum += value }
        guard let last = values.last, case let value? = last, values.allSatisfy({ $0 != nil }) else { return sum }
        for case let .some(number) in values where [1].contains(where: { $0 == number }) {
            switch number {
            case ..<0: break
            case 0:
                do {
                    try [1, 2].forEach { number in sum += number }
                } catch let error as NSError where error.code == 1 { sum += 1 } catch { sum -= 1 }
            default: repeat { sum += value } while sum < 3
            }
        }
        return sum
    }

    /// A local function and a local type start at 0.
    func local() -> Int {
        if braces.isEmpty {
            while true {
                func inner(_ values: [Int]) -> Int {
                    for value in values { if value > 1 { do { defer { _ = value } } } }
                    return 1
                }
                struct Inner {
                    var value: Int { [1].map { $0 }.count }
                }
                return inner([Inner().value])
            }
        }
        return 0
    }

    /// Words of the language as labels, members and types.
    func words(if condition: Bool, for name: String, in set: Set<Int>, func class: Int.Type) -> Any {
        let type = words(if: true, for: name, in: set, func: Int.self)
        lazy var get = type
        return condition ? get : self.nested([`class`.init(1)])
    }
}

extension Tricky.Kind {
    var isOne: Bool { self == .one }
}

extension Tricky {
    enum Kind: String { case one, two }
}

/// A protocol asks for members without bodies.
package protocol Asking {
    associatedtype Value: Equatable
    /// The answer.
    var answer: Value { get async throws }
    /// A question.
    static func question(_ value: Value) -> [Value]
    init?(_ value: Value)
}

/// What a protocol of ours documents needs no second comment.
package final class Answering: Asking {
    package var answer: Int { get async throws { 1 } }
    package static func question(_ value: Int) -> [Int] { [value] }
    /// With an observer behind its value.
    package private(set) var observed = [1, 2].map { $0 } {
        didSet { if observed.isEmpty { observed = oldValue } }
    }
    /// Nothing for 0.
    package init?(_ value: Int) { if value == 0 { return nil } }
    /// A class function.
    package class func make() -> Answering? { Answering(1) }
}

/// A value of seven properties, which its initialiser only assigns.
package struct Seven {
    let all: [Int]

    /// Makes it.
    package init(
        a: Int, b: Int, c: Int, d: Int, e: Int, f: Int = 1, g: (Int) -> Int = { $0 }
    ) {
        all = [
            a, b, c, d, e, f, g(1),
        ]
    }
}
