// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Knows one kind of line that tells why a stage failed.
struct Recogniser: Sendable {
    /// What such a line holds; searched first, because it is cheap.
    let needle: StaticString
    /// Reads a line that holds the needle; nil when it is something else after all.
    let read: @Sendable (LogLine, LogExcerpt) -> Finding?

    init(_ needle: StaticString, _ read: @escaping @Sendable (LogLine, LogExcerpt) -> Finding?) {
        self.needle = needle
        self.read = read
    }

    /// All lines that hold `needle` have one reason.
    init(_ needle: StaticString, is reason: ReasonCode) {
        self.init(needle) { line, _ in Finding(reason, line.text) }
    }
}

extension Recogniser {
    /// Recognisers of one rank: the first line that one of them knows counts.
    typealias Rank = [Recogniser]

    /// The machine, not the code.
    static let machine: Rank = [
        Recogniser("No space left on device", is: .environmentDiskFull),
        Recogniser("Disk quota exceeded", is: .environmentDiskFull),
        Recogniser("Killed signal terminated program", is: .environmentKilled),
    ]

    /// Errors of the tools that configure, compile and link.
    static let errors: Rank = [
        Recogniser("error: ") { line, _ in compilerOrLinker(line.text) },
        Recogniser("CMake Error", CMakeError.read),
        Recogniser("undefined reference to ") { line, _ in linker(line.text, before: ": undefined reference to ") },
        Recogniser("multiple definition of ") { line, _ in linker(line.text, before: ": multiple definition of ") },
        Recogniser("cannot find -l", is: .buildLinker),
    ]

    /// Tests that failed, by ctest, GoogleTest or their own word.
    static let tests: Rank = [
        Recogniser("***Failed", is: .testFailed),
        Recogniser("***Exception", is: .testFailed),
        Recogniser("***Timeout", is: .testFailed),
        Recogniser("***Not Run", is: .testFailed),
        Recogniser("[  FAILED  ]", is: .testFailed),
        Recogniser("The following tests FAILED:") { line, log in
            log.lines(after: line, count: 1).first.map { Finding(.testFailed, $0.trimmed) }
        },
    ]

    /// Lines that say that something failed, but not what.
    static func rest(of stage: Stage) -> Rank {
        let other = stage.otherReason
        return [
            Recogniser("error while loading shared libraries", is: other),
            Recogniser("symbol lookup error", is: other),
            Recogniser("linker command failed", is: .buildLinker),
            Recogniser("ld returned", is: .buildLinker),
            Recogniser("ninja: error", is: other),
            Recogniser("make: ***", is: other),
            Recogniser("No package '", is: .configureMissingPackage),
            Recogniser("rror: ") { line, _ in beginsWithError(line.text) ? Finding(other, line.text) : nil },
        ]
    }

    /// All ranks for a log of `stage`, the most telling first.
    static func ranks(for stage: Stage) -> [Rank] {
        // What a failing test prints may look like any error.
        stage == .test
            ? [tests, machine, errors, rest(of: stage)] : [machine, errors, tests, rest(of: stage)]
    }

    private static func beginsWithError(_ text: String) -> Bool {
        text.hasPrefix("error: ") || text.hasPrefix("Error: ") || text.hasPrefix("fatal error: ")
    }

    private static let linkers = ["ld", "ld.lld", "ld.gold", "ld.bfd", "lld", "mold", "ld.mold"]
    private static let others = ["ninja", "make", "gmake", "collect2", "CMake", "cmake"]

    /// `file:1:2: error: ...`, `cc1plus: error: ...`, `ld.lld: error: ...`.
    private static func compilerOrLinker(_ text: String) -> Finding? {
        let marks = [": error: ", ": fatal error: ", ": internal compiler error: "]
        guard let mark = marks.lazy.compactMap({ text.firstRange(of: $0) }).first else { return nil }
        let before = text[..<mark.lowerBound]
        if let place = Place(before) { return Finding(.buildCompiler, text, at: place) }
        guard let program = before.split(separator: "/").last, !before.contains(" ") else { return nil }
        if linkers.contains(where: { program == $0 || program.hasSuffix("-\($0)") }) {
            return Finding(.buildLinker, text)
        }
        if others.contains(String(program)) || text.contains("linker command failed") { return nil }
        return Finding(.buildCompiler, text)
    }

    private static func linker(_ text: String, before mark: String) -> Finding? {
        guard let range = text.firstRange(of: mark) else { return Finding(.buildLinker, text) }
        let before = text[..<range.lowerBound]
        let place = before.firstRange(of: "ld: ").map { before[$0.upperBound...] } ?? before
        return Finding(.buildLinker, text, at: Place(place))
    }
}

extension Stage {
    /// The reason when nothing in the log tells more.
    var otherReason: ReasonCode {
        switch self {
        case .configure: .configureOther
        case .build: .buildOther
        case .install: .installOther
        case .test: .testFailed
        case .fetch, .inspect: .unknown
        }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
