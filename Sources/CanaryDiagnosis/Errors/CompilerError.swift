// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of gcc, clang, nvcc, the assembler and their like.
enum CompilerError {
    // Colour codes may surround the word, so it is searched alone.
    static let matchers =
        [
            ErrorMatcher("error: ", read), ErrorMatcher("Error: ", read), ErrorMatcher("error #", read),
            ErrorMatcher("nvcc fatal", accept), ErrorMatcher("nvcc error", accept), ErrorMatcher("ptxas fatal", accept),
            ErrorMatcher("ptxas error", accept),
        ] + OtherCompiler.matchers

    private static let markers = [
        ": error: ", ": fatal error: ", ": internal compiler error: ", ": Error: ", ": error #",
    ]

    private static func accept(_ line: LogLine, _ region: LogRegion) -> Finding? {
        Finding(reason(in: region), line.text.trimmed)
    }

    /// `file:1:2: error: ...`, `file(12): error: ...`, `cc1plus: error: ...`.
    private static func read(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = markers.compactMap { text.split(at: $0) }.min { $0.before.endIndex < $1.before.endIndex }
        guard let (before, message) = parts, !isLinkers(message) else { return nil }
        if let location = FileLocation(before) {
            return Finding(reason(in: region), text, at: [location] + Context.locations(around: line, in: region))
        }
        if isCompiler(before) || message.hasPrefix("failed to read compiled module") {
            return Finding(reason(in: region), text, at: Context.locations(around: line, in: region))
        }
        return nil
    }

    /// The reason for a compiler's error.
    static func reason(in region: LogRegion) -> ReasonCode {
        region.stage == .configure ? .configureOther : .buildCompiler
    }

    private static func isLinkers(_ message: Substring) -> Bool {
        ["undefined reference to ", "linker command failed", "ld returned", "multiple definition of "]
            .contains(where: message.hasPrefix)
    }

    private static let names: Set<Substring> = [
        "cc", "c++", "gcc", "g++", "clang", "clang++", "cc1", "cc1plus", "lto1", "lto-wrapper", "nvcc", "cudafe++",
        "icc", "icpc", "icx", "icpx", "nvc", "nvc++", "f951", "gfortran", "as", "swig", "ispc", "rustc", "flang",
        "bison",
        "flex", "ccache",
    ]

    /// `/usr/bin/clang++-19`, `x86_64-linux-gnu-g++`.
    private static func isCompiler(_ program: Substring) -> Bool {
        let name = program.lastPathPart
        guard !program.contains(" "), !name.isEmpty else { return false }
        let parts = name.split(separator: "-")
        let bare = parts.last.flatMap { $0.first?.isNumber == true ? parts.dropLast().last : $0 } ?? ""
        return names.contains(name[...]) || names.contains(bare)
    }
}

/// What compilers print around an error to explain how they got there.
private enum Context {
    /// The locations that led to the error in `line`: instantiations of templates first, then inclusions.
    static func locations(around line: LogLine, in region: LogRegion) -> [FileLocation] {
        var requests: [FileLocation] = []
        var includes: [FileLocation] = []
        var isGcc = false
        for text in region.lines(before: line, count: 60).lazy.map(\.text) {
            if let (location, _) = text.split(at: ":   required from") {
                requests += [FileLocation(location)].compactMap(\.self)
            } else if let location = inclusion(in: text) {
                includes.append(location)
                isGcc = isGcc || text.first == " "
            } else if !text.contains(": In ") && !text.contains("required ") {
                break
            }
        }
        // gcc prints the nearest file first, clang last.
        return requests + notes(after: line, in: region) + (isGcc ? includes.reversed() : includes)
    }

    /// clang: notes after the error.
    private static func notes(after line: LogLine, in region: LogRegion) -> [FileLocation] {
        var locations: [FileLocation] = []
        for text in region.lines(after: line, count: 120).lazy.map(\.text) {
            if text.contains(": error: ") || text.contains(": warning: ") { break }
            guard let (location, note) = text.split(at: ": note: "), note.contains("requested here") else { continue }
            if let location = FileLocation(location) { locations.append(location) }
        }
        return locations
    }

    private static func inclusion(in text: String) -> FileLocation? {
        for beginning in ["In file included from ", "from ", "In module imported at "] {
            guard let (space, location) = text.split(at: beginning), space.isBlank else { continue }
            return FileLocation(location.prefix { $0 != "," && $0 != " " }.trimmingColon)
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmingColon: Substring { hasSuffix(":") ? dropLast() : self }
}
