// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Reads what CMake prints of an error: one line, and behind it paragraphs that are indented and wrapped.
enum CMakeError {
    /// What `line` and those behind it say; nil when it is no error of CMake.
    static func read(_ line: LogLine, in log: LogExcerpt) -> Finding? {
        let header = line.text.trimmed
        guard beginnings.contains(where: header.hasPrefix) else { return nil }
        let paragraphs = paragraphs(of: log.lines(after: line, count: 24))
        let text = ([header] + paragraphs.prefix(1)).joined(separator: " ")
        return Finding(reason(of: ([header] + paragraphs).joined(separator: " ")), text, at: place(in: header))
    }

    private static let beginnings = ["CMake Error at ", "CMake Error in ", "CMake Error: ", "CMake Error ("]
    private static let missingPackage = [
        "Could NOT find ", "package configuration file provided by",
        "Could not find a configuration file for package",
        "required packages were not found", "required package was not found",
    ]
    private static let missingTool = [
        "CMake was unable to find a build program", "_COMPILER could be found",
        "_COMPILER not set, after EnableLanguage",
    ]

    private static func reason(of message: String) -> ReasonCode {
        if missingTool.contains(where: message.contains) { return .environmentToolMissing }
        return missingPackage.contains(where: message.contains) ? .configureMissingPackage : .configureCMake
    }

    /// The indented lines that follow, joined by paragraph; a line that begins at the left ends them.
    private static func paragraphs(of lines: [String]) -> [String] {
        let message = lines.prefix { $0.isBlank || $0.hasPrefix("  ") }
        return message.split(whereSeparator: \.isBlank).map { $0.map(\.trimmed).joined(separator: " ") }
    }

    /// `CMake Error at CMakeLists.txt:12 (find_package):`.
    private static func place(in header: String) -> Place? {
        guard let at = header.firstRange(of: " at "), let end = header[at.upperBound...].firstRange(of: " (") else {
            return nil
        }
        return Place(header[at.upperBound..<end.lowerBound])
    }
}

extension StringProtocol {
    /// Whether nothing but white space is in it.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
