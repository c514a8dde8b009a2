// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of autoconf's scripts, Meson and pkg-config.
enum ConfigureScript {
    static let matchers = [
        ErrorMatcher("configure: error: ") { line, _ in
            Finding(missesPackage(line.text) ? .configureMissingPackage : .configureOther, line.text.trimmed)
        },
        ErrorMatcher("ERROR:", meson), ErrorMatcher("No package '", package), ErrorMatcher("', required by '", package),
        ErrorMatcher("was not found in the pkg-config search path", package),
    ]

    private static func missesPackage(_ text: String) -> Bool {
        text.containsAny(["Package requirements (", "pkg-config"])
            || text.contains("Dependency ") && text.containsAny(["not found", "unknown dependency"])
    }

    /// `meson.build:2:0: ERROR: Dependency "imath" not found, tried pkgconfig`.
    private static func meson(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard let (before, _) = line.text.split(at: ": ERROR: "), let location = FileLocation(before.trimmed) else {
            return nil
        }
        if line.text.contains("is the internet available") {
            return Finding(FetchError.reason(of: line.text) ?? .fetchDownload, line.text.trimmed, at: location)
        }
        let reason: ReasonCode = missesPackage(line.text) ? .configureMissingPackage : region.stage.otherReason
        return Finding(reason, line.text.trimmed, at: location)
    }

    private static func package(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        // A status line of CMake: it continues, or prints an error of its own.
        guard !text.hasPrefix("--"), text.containsAny(["not found", "No package '"]) else { return nil }
        return Finding(.configureMissingPackage, text)
    }
}
