// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// The paths of one attempt, as its stages saw them.
package struct SeenPaths: Sendable {
    /// The folders of the attempt.
    package let attempt: AttemptPaths
    /// The path without symbolic links, as far as they can be followed from here, and without `.` and `..`.
    package let real: @Sendable (String) -> String

    /// Describes the paths of an attempt.
    package init(attempt: AttemptPaths, real: @escaping @Sendable (String) -> String) {
        self.attempt = attempt
        self.real = real
    }

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
    @Sendable package static func tidy(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// A problem with what an attempt consumed.
package struct ConsumptionFinding: Hashable, Sendable {
    /// `inspect.wrong-upstream` or `inspect.unused-upstream`.
    package let reason: ReasonCode
    /// One sentence without a final stop.
    package let text: String
}
