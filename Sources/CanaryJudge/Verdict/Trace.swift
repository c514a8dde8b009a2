// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// One run of one job in a trace: what the policy would get if it asked for builds.
package struct TraceLine: Hashable, Sendable {
    /// The job.
    package let job: JobID
    /// What was built, and when.
    package let inputs: Inputs
    /// What attempts on these inputs end with, in order; the last one repeats; never empty.
    package let attempts: [Evidence]
    /// What builds of the last-known-good inputs end with, in order; the last one repeats; never empty.
    package let control: [Evidence]
    /// What failures with the same cause have in common; nil if not known.
    package let fingerprint: String?
    /// Whether the last known good of a red upstream was used instead of its head.
    package let onFallback: Bool
    /// The issue of the expected failure that occurred, or that a pass contradicts.
    package let expectedIssue: String?

    /// Creates a line; `attempts` and `control` must not be empty.
    package init(
        job: JobID, inputs: Inputs, attempts: [Evidence], control: [Evidence] = [.pass], fingerprint: String? = nil,
        onFallback: Bool = false, expectedIssue: String? = nil
    ) {
        self.job = job
        self.inputs = inputs
        self.attempts = attempts
        self.control = control
        self.fingerprint = fingerprint
        self.onFallback = onFallback
        self.expectedIssue = expectedIssue
    }

    /// When its run began.
    package var at: Date { inputs.at }

    /// Whether `left` comes first: by time, then by content, so that the order of the lines does not matter.
    package static func isEarlier(_ left: TraceLine, than right: TraceLine) -> Bool {
        if left.at != right.at { return left.at < right.at }
        if left.job != right.job { return left.job < right.job }
        return (left.inputs.inputsHash, left.tapes) < (right.inputs.inputsHash, right.tapes)
    }

    private var tapes: String {
        let upstreams = (inputs.upstreams ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return ((attempts + control).map(\.rawValue) + upstreams).joined(separator: " ")
    }
}

/// One problem of a trace.
package struct TraceProblem: Hashable, Sendable {
    /// The line, from 1.
    package let line: Int
    /// What was expected and what was found.
    package let message: String
}

/// A trace: what runs observed, one JSON object per line.
package struct Trace: Sendable {
    /// Its lines, sorted by time.
    package let lines: [TraceLine]

    /// Creates a trace of `lines`, in any order.
    package init(_ lines: [TraceLine]) { self.lines = lines.sorted(by: TraceLine.isEarlier) }

    /// All problems of a trace.
    package struct Problems: Error, Hashable, Sendable {
        /// Sorted by line.
        package let all: [TraceProblem]
    }

    /// Reads `data`; empty lines and unknown fields are ignored.
    ///
    /// - Throws: all problems at once.
    package init(reading data: Data) throws(Problems) {
        var lines: [TraceLine] = []
        var problems: [TraceProblem] = []
        for (index, bytes) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            var reader = TraceLineReader(line: index + 1)
            if let line = reader.read(bytes) { lines.append(line) }
            problems += reader.problems
        }
        guard problems.isEmpty else { throw Problems(all: problems) }
        self.init(lines)
    }
}

/// Reads one line of a trace, and collects its problems.
private struct TraceLineReader {
    private static let known: [String: Evidence] = ["P": .pass, "F": .fail, "E": .none]

    let line: Int
    private(set) var problems: [TraceProblem] = []

    init(line: Int) { self.line = line }

    mutating func read(_ bytes: Data) -> TraceLine? {
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: bytes, options: .fragmentsAllowed)
        } catch {
            say(
                "expected a JSON object, found text that is not JSON: \(Self.excerpt(String(decoding: bytes, as: UTF8.self)))"
            )
            return nil
        }
        guard let fields = value as? [String: Any] else {
            say("expected a JSON object, found \(Self.describe(value))")
            return nil
        }
        let date = field("at", in: fields, as: "a time such as `2026-11-21T19:30:05Z`") {
            ($0 as? String).flatMap { Date(rfc3339: $0) }
        }
        let job = field("job", in: fields, as: "a job such as `openexr@vfx2026/head`") {
            ($0 as? String).flatMap { JobID($0) }
        }
        let head = field("head", in: fields, as: "a word for the inputs") {
            ($0 as? String).flatMap { $0.isEmpty ? nil : $0 }
        }
        let upstreams = upstreams(in: fields)
        let attempts = tape("attempts", in: fields)
        let control = fields["control"] == nil ? [Evidence.pass] : tape("control", in: fields)
        guard problems.isEmpty, let date, let job, let head, let attempts, let control else { return nil }
        return TraceLine(
            job: job, inputs: Inputs(at: date, inputsHash: head, upstreams: upstreams), attempts: attempts,
            control: control)
    }

    private mutating func field<Value>(
        _ key: String, in fields: [String: Any], as expected: String, _ parse: (Any) -> Value?
    ) -> Value? {
        guard let found = fields[key] else {
            say("`\(key)` is missing: expected \(expected)")
            return nil
        }
        if let value = parse(found) { return value }
        say("`\(key)`: expected \(expected), found \(Self.describe(found))")
        return nil
    }

    private mutating func tape(_ key: String, in fields: [String: Any]) -> [Evidence]? {
        let expected = "a list of `P` (passed), `F` (failed) and `E` (error)"
        let items = field(key, in: fields, as: expected) { ($0 as? [Any]).flatMap { $0.isEmpty ? nil : $0 } } ?? []
        let ends = items.compactMap { item -> Evidence? in
            if let text = item as? String, let end = Self.known[text] { return end }
            say("`\(key)`: expected `P`, `F` or `E`, found \(Self.describe(item))")
            return nil
        }
        return ends.isEmpty || ends.count != items.count ? nil : ends
    }

    private mutating func upstreams(in fields: [String: Any]) -> [String: String]? {
        guard let found = fields["upstreams"], !(found is NSNull) else { return nil }
        return field("upstreams", in: fields, as: "an object of names and revisions") { $0 as? [String: String] }
    }

    private mutating func say(_ message: String) { problems.append(TraceProblem(line: line, message: message)) }

    private static func describe(_ value: Any) -> String {
        switch value {
        case let text as String: excerpt(text)
        case let items as [Any]: items.isEmpty ? "an empty list" : "a list"
        case is [String: Any]: "an object"
        case is NSNull: "null"
        default: excerpt("\(value)")
        }
    }

    /// Outside text, shortened and without control characters.
    private static func excerpt(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let shown = scalars.prefix(60).map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return "`\(String(shown))`\(scalars.count > 60 ? "..." : "")"
    }
}
