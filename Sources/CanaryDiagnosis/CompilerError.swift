// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of gcc, clang, nvcc, the assembler and their like.
enum CompilerError {
    // Colour may stand around the word, so it is searched alone.
    static let recognisers = [
        ErrorMatcher("error: ", read), ErrorMatcher("Error: ", read), ErrorMatcher("error #", read),
        ErrorMatcher("nvcc fatal", accept), ErrorMatcher("ptxas fatal", accept), ErrorMatcher("ptxas error", accept),
    ]

    private static let marks = [
        ": error: ", ": fatal error: ", ": internal compiler error: ", ": Error: ", ": error #",
    ]

    private static func accept(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        Finding(reason(in: scene), line.text.trimmed)
    }

    /// `file:1:2: error: ...`, `file(12): error: ...`, `cc1plus: error: ...`.
    private static func read(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = marks.compactMap { text.split(at: $0) }.min { $0.before.endIndex < $1.before.endIndex }
        guard let (before, message) = parts, !isLinkers(message) else { return nil }
        if let place = FileLocation(before) {
            return Finding(reason(in: scene), text, at: [place] + Context.places(around: line, in: scene))
        }
        if isCompiler(before) || message.hasPrefix("failed to read compiled module") {
            return Finding(reason(in: scene), text, at: Context.places(around: line, in: scene))
        }
        return nil
    }

    private static func reason(in scene: LogRegion) -> ReasonCode {
        scene.stage == .configure ? .configureOther : .buildCompiler
    }

    private static func isLinkers(_ message: Substring) -> Bool {
        ["undefined reference to ", "linker command failed", "ld returned", "multiple definition of "]
            .contains(where: message.hasPrefix)
    }

    private static let names: Set<Substring> = [
        "cc", "c++", "gcc", "g++", "clang", "clang++", "cc1", "cc1plus", "lto1", "lto-wrapper", "nvcc", "cudafe++",
        "icc",
        "icpc", "icx", "icpx", "nvc", "nvc++", "f951", "gfortran", "as", "swig",
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

/// What compilers print around an error to tell how they came there.
private enum Context {
    /// The places that led to the error in `line`: who asked for a template first, then who included the file.
    static func places(around line: LogLine, in scene: LogRegion) -> [FileLocation] {
        var requests: [FileLocation] = []
        var includes: [FileLocation] = []
        var isGcc = false
        for text in scene.lines(before: line, count: 60).lazy.map(\.text) {
            if let (place, _) = text.split(at: ":   required from") {
                requests += [FileLocation(place)].compactMap(\.self)
            } else if let place = inclusion(in: text) {
                includes.append(place)
                isGcc = isGcc || text.first == " "
            } else if !text.contains(": In ") && !text.contains("required ") {
                break
            }
        }
        // gcc prints the nearest file first, clang last.
        return requests + notes(behind: line, in: scene) + (isGcc ? includes.reversed() : includes)
    }

    /// clang: notes behind the error.
    private static func notes(behind line: LogLine, in scene: LogRegion) -> [FileLocation] {
        var places: [FileLocation] = []
        for text in scene.lines(after: line, count: 120).lazy.map(\.text) {
            if text.contains(": error: ") || text.contains(": warning: ") { break }
            guard let (place, note) = text.split(at: ": note: "), note.contains("requested here") else { continue }
            if let place = FileLocation(place) { places.append(place) }
        }
        return places
    }

    private static func inclusion(in text: String) -> FileLocation? {
        for beginning in ["In file included from ", "from ", "In module imported at "] {
            guard let (space, place) = text.split(at: beginning), space.isBlank else { continue }
            return FileLocation(place.prefix { $0 != "," && $0 != " " }.trimmingColon)
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmingColon: Substring { hasSuffix(":") ? dropLast() : self }
}
