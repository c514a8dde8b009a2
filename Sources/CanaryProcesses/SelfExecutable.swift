// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The program of this process, to start it again.
package struct SelfExecutable: Sendable {
    private let path: String

    /// Finds the program's file.
    package init() { path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path }

    /// Runs it in `folder` to its end, for at most five minutes.
    ///
    /// - Parameter death: only its leader is killed after this time; what it started is left running.
    /// - Throws: `LaunchFailure` when it cannot be started.
    package func run(
        _ arguments: [String], in folder: String, killedAfter death: Duration? = nil
    ) async throws(LaunchFailure) -> CapturedProcess.End {
        try await CapturedProcess.run(
            Command(path, arguments, in: folder), within: .seconds(300), killedAfter: death)
    }
}
