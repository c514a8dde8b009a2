// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of GNU ld, gold, lld, mold and nvlink.
enum LinkerError {
    static let recognisers = [
        ErrorMatcher("undefined reference to ", readReference),
        ErrorMatcher("multiple definition of ", readReference),
        ErrorMatcher("ld: ", readLinker), ErrorMatcher("ld:/", readLinker), ErrorMatcher("ld.", readLinker),
        ErrorMatcher("lld: ", readLinker), ErrorMatcher("mold: ", readLinker),
        ErrorMatcher("nvlink error", { line, scene in Finding(reason(in: scene), line.text.trimmed) }),
    ]

    private static func reason(in scene: LogRegion) -> ReasonCode {
        scene.stage == .configure ? .configureOther : .buildLinker
    }

    /// `/usr/bin/ld: a.cpp:7: undefined reference to ...`, `a.o:a.cpp:function f: error: undefined reference to ...`.
    private static func readReference(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = ["undefined reference to ", "multiple definition of "].compactMap { text.split(at: $0) }.first
        guard let before = parts?.before, before.hasSuffix(": ") else { return nil }
        var place = before.dropLast(2)
        if place.hasSuffix(": error") { place = place.dropLast(": error".count) }
        if let (program, rest) = place.split(at: ": "), isLinker(program) { place = rest }
        if place.hasPrefix("error: ") { place = place.dropFirst("error: ".count) }
        return Finding(reason(in: scene), text, at: ObjectLocation.places(of: place, around: line, in: scene))
    }

    /// What a linker says in its own name, but warnings and remarks.
    private static func readLinker(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (program, message) = text.split(at: ":"), isLinker(program) else { return nil }
        let said = String(message).trimmed
        guard !said.isEmpty, !said.containsAny(remarks) else { return nil }
        if said.containsAny(["undefined reference to ", "multiple definition of "]) { return nil }
        let places =
            if let (before, _) = said.split(at: ": "), let place = FileLocation(before) { [place] } else {
                ObjectLocation.places(behind: line, in: scene) + [ObjectLocation.source(in: said)].compactMap(\.self)
            }
        return Finding(reason(in: scene), text, at: places)
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

/// Finds the source behind what linkers name: an object, or the name of a source without its folders.
enum ObjectLocation {
    /// The source of the first object that `text` names, `FAILED: lib/CMakeFiles/x.dir/a.cpp.o`.
    static func source(in text: String) -> FileLocation? {
        text.split { " []:".contains($0) }.lazy.compactMap { source(of: $0) }.first
    }

    /// `place` stands before what GNU ld or gold say: `/s/a.cpp:7`, `a.cpp:(.text+0x5)`, `d/a.cpp.o:a.cpp:function f`.
    static func places(of place: Substring, around line: LogLine, in scene: LogRegion) -> [FileLocation] {
        if let exact = FileLocation(place.split(separator: ":(").first.map(String.init) ?? "") { return [exact] }
        if let object = place.split(separator: ":").first, let source = source(of: object) { return [source] }
        // GNU ld names the object on a line of its own, for all errors of one function.
        for text in scene.lines(before: line, count: 20).lazy.map(\.text) {
            guard let (before, _) = text.split(at: ": in function ") else { continue }
            guard let object = before.split(separator: " ").last, let source = source(of: object) else { break }
            return place.hasPrefix(source.file.lastPathPart) ? [source] : []
        }
        return []
    }

    /// lld and mold: `>>> referenced by a.cpp:7 (/s/a.cpp:7)`, then `>>>               d/a.cpp.o:(main)`.
    static func places(behind line: LogLine, in scene: LogRegion) -> [FileLocation] {
        var places: [FileLocation] = []
        for text in scene.lines(after: line, count: 3).lazy.map(\.text) {
            guard text.hasPrefix(">>> ") else { break }
            let words = text.split(separator: " ").map { $0.drop { $0 == "(" } }
            guard let last = words.last else { continue }
            if let exact = FileLocation(last.prefix { $0 != ")" }), exact.file.contains("/") { places.append(exact) }
            if let object = last.split(separator: ":(").first, let source = source(of: object) { places.append(source) }
        }
        return places
    }

    /// `lib/a.cpp` of `lib/CMakeFiles/x.dir/a.cpp.o`: CMake's folders follow those of the source.
    private static func source(of object: Substring) -> FileLocation? {
        guard object.hasSuffix(".o"), !object.contains("("), let (folder, rest) = object.split(at: "CMakeFiles/"),
            let (_, file) = rest.split(at: ".dir/")
        else { return nil }
        return FileLocation(file: folder + String(file.dropLast(2)).replacing("__/", with: "../"), line: nil)
    }
}
