// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of GNU ld, gold, lld, mold and nvlink.
enum LinkerError {
    static let matchers = [
        ErrorMatcher("undefined reference to ", readReference),
        ErrorMatcher("multiple definition of ", readReference),
        ErrorMatcher("ld: ", readLinker), ErrorMatcher("ld:/", readLinker), ErrorMatcher("ld.", readLinker),
        ErrorMatcher("lld: ", readLinker), ErrorMatcher("mold: ", readLinker),
        ErrorMatcher("nvlink error", { line, region in Finding(reason(in: region), line.text.trimmed) }),
    ]

    private static func reason(in region: LogRegion) -> ReasonCode {
        region.stage == .configure ? .configureOther : .buildLinker
    }

    /// `/usr/bin/ld: a.cpp:7: undefined reference to ...`, `a.o:a.cpp:function f: error: undefined reference to ...`.
    private static func readReference(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = ["undefined reference to ", "multiple definition of "].compactMap { text.split(at: $0) }.first
        guard let before = parts?.before, before.hasSuffix(": ") else { return nil }
        var location = before.dropLast(2)
        if location.hasSuffix(": error") { location = location.dropLast(": error".count) }
        if let (program, rest) = location.split(at: ": "), isLinker(program) { location = rest }
        if location.hasPrefix("error: ") { location = location.dropFirst("error: ".count) }
        return Finding(reason(in: region), text, at: ObjectLocation.locations(of: location, around: line, in: region))
    }

    /// An error that starts with the name of a linker, without warnings and remarks.
    private static func readLinker(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (program, message) = text.split(at: ":"), isLinker(program) else { return nil }
        let detail = String(message).trimmed
        guard !detail.isEmpty, !detail.containsAny(remarks) else { return nil }
        if detail.containsAny(["undefined reference to ", "multiple definition of "]) { return nil }
        let locations =
            if let (before, _) = detail.split(at: ": "), let location = FileLocation(before) { [location] } else {
                ObjectLocation.locations(after: line, in: region)
                    + [ObjectLocation.source(in: detail)].compactMap(\.self)
            }
        return Finding(reason(in: region), text, at: locations)
    }

    private static let remarks = [
        "warning: ", ": in function ", "note: ", "skipping incompatible ", "DWARF error", "previous definition here",
    ]

    private static func isLinker(_ program: some StringProtocol) -> Bool {
        guard !program.contains(" ") else { return false }
        let name = program.lastPathPart
        return names.contains(name) || names.contains { name.hasSuffix("-\($0)") }
    }

    private static let names: Set<String> = ["ld", "ld.bfd", "ld.gold", "ld.lld", "lld", "mold", "ld.mold", "wild"]
}

/// Finds the source file that a linker means: it prints an object file, or a source file without its folders.
enum ObjectLocation {
    /// The source of the first object in `text`: `FAILED: lib/CMakeFiles/x.dir/a.cpp.o`.
    static func source(in text: String) -> FileLocation? {
        text.split { " []:".contains($0) }.lazy.compactMap { source(of: $0) }.first
    }

    /// The source for `location`, which GNU ld or gold print before a message: `/s/a.cpp:7`, `a.cpp:(.text+0x5)`, `d/a.cpp.o:a.cpp:function f`.
    static func locations(of location: Substring, around line: LogLine, in region: LogRegion) -> [FileLocation] {
        if let exact = FileLocation(location.split(separator: ":(").first.map(String.init) ?? "") { return [exact] }
        if let object = location.split(separator: ":").first, let source = source(of: object) { return [source] }
        // GNU ld prints the object on a line of its own, before all errors of one function.
        for text in region.lines(before: line, count: 20).lazy.map(\.text) {
            guard let (before, _) = text.split(at: ": in function ") else { continue }
            guard let object = before.split(separator: " ").last, let source = source(of: object) else { break }
            return location.hasPrefix(source.file.lastPathPart) ? [source] : []
        }
        return []
    }

    /// lld and mold: `>>> referenced by a.cpp:7 (/s/a.cpp:7)`, then `>>>               d/a.cpp.o:(main)`.
    static func locations(after line: LogLine, in region: LogRegion) -> [FileLocation] {
        var locations: [FileLocation] = []
        for text in region.lines(after: line, count: 3).lazy.map(\.text) {
            guard text.hasPrefix(">>> ") else { break }
            let words = text.split(separator: " ").map { $0.drop { $0 == "(" } }
            guard let last = words.last else { continue }
            if let exact = FileLocation(last.prefix { $0 != ")" }), exact.file.contains("/") { locations.append(exact) }
            if let object = last.split(separator: ":(").first, let source = source(of: object) {
                locations.append(source)
            }
        }
        return locations
    }

    /// `lib/a.cpp` for `lib/CMakeFiles/x.dir/a.cpp.o`: the folders of CMake mirror those of the source.
    private static func source(of object: Substring) -> FileLocation? {
        guard object.hasSuffix(".o"), !object.contains("("), let (folder, rest) = object.split(at: "CMakeFiles/"),
            let (_, file) = rest.split(at: ".dir/")
        else { return nil }
        return FileLocation(file: folder + String(file.dropLast(2)).replacing("__/", with: "../"), line: nil)
    }
}
