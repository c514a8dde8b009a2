// SPDX-License-Identifier: Apache-2.0

/// Lines that say that a step failed, and nothing about why.
enum Consequence {
    /// Whether `text` says nothing else, not even which file could not be made.
    static func isOnly(_ text: String) -> Bool {
        let text = text.trimmed
        if text.isEmpty || beginnings.contains(where: text.hasPrefix) || text.containsAny(phrases) { return true }
        return isMakes(text) && failedFile(in: text) == nil
    }

    /// The file that a step without output could not make: `gen.h` of `FAILED: [code=1] gen.h` of ninja, or of
    /// `make[2]: *** [build.make:70: gen.h] Error 1`; nil if `text` is something else.
    static func failedFile(in text: String) -> String? {
        let text = text.trimmed
        if text.hasPrefix(NinjaSteps.marker) {
            let words = text.dropFirst(NinjaSteps.marker.count).split(separator: " ")
            return words.first { !$0.hasPrefix("[code=") }.map(String.init)
        }
        guard isMakes(text), let target = text.split(at: ": *** [")?.after.split(at: "]")?.before else {
            return nil
        }
        let file = target.split(separator: ": ").last?.lastPathPart ?? ""
        return goals.contains(file) || file.isEmpty ? nil : file
    }

    /// An error of make about a step, not one of make itself.
    private static func isMakes(_ text: String) -> Bool {
        guard let (program, message) = text.split(at: ": *** "), ["make", "gmake"].contains(where: program.hasPrefix)
        else { return false }
        return (message.hasPrefix("[") || message.hasPrefix("Error ")) && !message.hasSuffix("Stop.")
    }

    /// What make is asked for; they fail whatever it is that fails.
    private static let goals: Set<String> = ["all", "install", "test", "check", "check-TESTS", "check-am"]
    private static let beginnings = [
        "ninja: build stopped", "ninja: subcommand failed", "ninja: error: rebuilding 'build.ninja'",
        "Errors while running CTest", "compilation terminated", "-- Configuring incomplete",
    ]
    private static let phrases = [
        "ld returned ", "linker command failed", "warnings being treated as errors", " errors generated.",
        "1 error generated.", "not remade because of errors", "*** Waiting for unfinished jobs",
    ]
}
