// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Tells an error that a tool prints about itself from text that a compiler quotes or a program was to print.
enum ToolVoice {
    /// Whether a tool passes on what the system said, when `before` and `after` stand around it in a line.
    ///
    /// A tool's name or the kind of an exception comes first, `cp: error writing 'x': `, and the system's words end the
    /// line but for a bracket, a number or the file: `: 'half.o'`, `(os error 28)`.
    static func speaks(_ before: Substring, _ after: Substring, in region: LogRegion) -> Bool {
        // `Os { code: 11, kind: WouldBlock, message: "...`: Rust.
        if before.hasSuffix("message: \""), before.contains("Os { code: ") { return region.stage != .test }
        guard joints.contains(where: before.hasSuffix) || before.hasSuffix("["), isEnd(after) else { return false }
        guard let speaker = speaker(of: before) else { return false }
        // A test's own name is no tool's: it may print what it was to find.
        return region.stage != .test || isKnown(speaker)
    }

    /// Whether a tool says `words` in its own words.
    static func says(_ before: Substring, _ words: String, _ after: Substring, in region: LogRegion) -> Bool {
        if words.hasPrefix("instance of") { return before.hasPrefix("terminate called after throwing an ") }
        if words == "MemoryError" { return before.isEmpty && (after.isEmpty || after.hasPrefix(": ")) }
        // The loader says more when it may not map the library.
        if words.hasPrefix("failed to map segment"), !after.isEmpty { return false }
        if words == "memory allocation of " { return before.isEmpty && after.hasSuffix(" bytes failed") }
        if words.hasPrefix("ERROR: ") { return before.isEmpty || FileLocation(before.dropLast(2)) != nil }
        if before.isEmpty { return words.hasPrefix("virtual memory ") }
        // The check that finds it has not ended its line.
        if before.hasSuffix("configure: error: ") { return true }
        guard !before.contains("\""), let speaker = speaker(of: before) else { return false }
        return region.stage != .test || isKnown(speaker)
    }

    /// Who begins the line; nil when that is no tool: a file and a line stand there, source, or a sentence.
    private static func speaker(of before: Substring) -> Substring? {
        if let own = unnamed.first(where: before.hasPrefix) { return own.dropLast(2) }
        guard let (name, rest) = before.split(at: ":"), !name.isEmpty, name.allSatisfy(isPartOfName) else {
            return stackedSpeaker(of: before)
        }
        // `half.cpp:7:1: fatal error: error writing to half.s: `: of what a compiler says at a line of source, only that it
        // cannot write.
        if rest.first?.isNumber == true { return rest.contains(": fatal error: ") ? "cc1" : nil }
        return rest.isEmpty || rest.hasPrefix(" ") ? name : nil
    }

    /// `{standard input}: Fatal error: ` of the assembler, and `<command-line>: fatal error: `.
    private static func stackedSpeaker(of before: Substring) -> Substring? {
        ["{standard input}: ", "<command-line>: ", "<built-in>: "].contains(where: before.hasPrefix) ? "cc1" : nil
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_./+-[]#".contains(character)
    }

    /// Whether what follows the system's words ends the line.
    private static func isEnd(_ after: Substring) -> Bool {
        let rest = after.drop { "'’)].".contains($0) }
        return rest.isEmpty || rest.hasPrefix(" (") || rest.hasPrefix(": '") || rest.hasPrefix(" [")
            || rest.hasPrefix(": \"")
            || rest.hasPrefix(" in system") || rest.hasPrefix(", ")
    }

    /// What stands between a tool's own words and the system's.
    private static let joints = [": ", ": '", "] ", "(", ", ", "- "]
    /// Tools that do not name themselves.
    private static let unnamed = [
        "error: ", "fatal error: ", "fatal: ", "Fatal error: ", "Fatal Error: ", "LLVM ERROR: ", "Error: ", "ERROR: ",
        "E: ", "nvcc fatal   : ", "ptxas fatal   : ",
    ]

    /// Whether it is a compiler, a tool of the system, or a kind of exception of Python.
    private static func isKnown(_ speaker: Substring) -> Bool {
        let name = speaker.prefix { $0 != "[" }.lastPathPart
        return speaker.hasSuffix("Error") && speaker.first?.isUppercase == true || tools.contains(name)
            || name.split(separator: "-").contains { tools.contains(String($0)) }
    }

    private static let tools: Set<String> = [
        "sh", "bash", "dash", "make", "gmake", "ninja", "cmake", "ctest", "cc", "c++", "gcc", "g++", "clang", "clang++",
        "cc1", "cc1plus", "collect2", "ld", "lld", "gold", "mold", "as", "ar", "ranlib", "ccache", "python", "python3",
        "cp", "mv", "ln", "mkdir", "install", "tar", "cat", "git", "curl", "fatal", "rustc", "cargo",
    ]
}
