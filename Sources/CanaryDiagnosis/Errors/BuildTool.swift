// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of make and ninja themselves.
enum BuildTool {
    static let matchers = [
        ErrorMatcher("ninja: error: ", ninja), ErrorMatcher("ninja: fatal: ", ninja), ErrorMatcher(": *** ", make),
    ]

    private static func ninja(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        // CMake could not regenerate this file, and has printed why.
        guard text.hasPrefix("ninja: "), !text.contains("rebuilding 'build.ninja'") else { return nil }
        return Finding(region.stage.otherReason, text)
    }

    /// The message of make when it stops by itself: `make: *** No rule to make target ...`.
    private static func make(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (before, message) = text.split(at: ": *** "), message.hasSuffix("Stop.") else { return nil }
        return Finding(region.stage.otherReason, text, at: FileLocation(before))
    }
}
