// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The paths of one attempt, as its stages saw them.
struct SeenPaths: Sendable {
    /// The folders of the attempt.
    let attempt: AttemptPaths
    /// The path without symbolic links, as far as they can be followed from here, and without `.` and `..`.
    let real: @Sendable (String) -> String

    /// Whether `path` is `folder` or inside it.
    func lies(_ path: String, below folder: String) -> Bool {
        let (path, folder) = (real(path), real(folder))
        return path == folder || path.hasPrefix(folder + "/")
    }

    /// Whether `path` is in the prefix of one of these upstreams.
    func lies(_ path: String, belowAny upstreams: some Sequence<String>) -> Bool {
        upstreams.contains { attempt.upstreamPrefix[$0].map { lies(path, below: $0) } ?? false }
    }

    /// `path` without `.`, `..` and doubled slashes, whatever its links say.
    static func tidy(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// A problem with what an attempt consumed.
struct ConsumptionFinding: Hashable, Sendable {
    /// `inspect.wrong-upstream` or `inspect.unused-upstream`.
    let reason: ReasonCode
    /// One sentence without a final stop.
    let text: String
}
