// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Subprocess
import SystemPackage

/// The program of this process, started once more.
package struct OwnProgram: Sendable {
    private let path: String

    /// How it ended.
    package struct End: Hashable, Sendable {
        /// The exit status; 128 and the signal's number when one ended it.
        package let status: Int
        /// What it printed on standard output.
        package let output: String
        /// The last of what it printed on standard error.
        package let errors: String
    }

    /// Finds the program's file.
    package init() { path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path }

    /// Runs it in `folder` to its end, at most five minutes; with `death` it is killed after that time, and what it
    /// started is left to itself.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine` when it cannot be started.
    package func run(
        _ arguments: [String], in folder: String, killedAfter death: Duration? = nil
    ) async throws(RunnerFailure) -> End {
        var options = PlatformOptions()
        options.createSession = true
        let configuration = Configuration(
            executable: .path(FilePath(path)), arguments: Arguments(arguments), environment: .inherit,
            workingDirectory: FilePath(folder), platformOptions: options)
        do {
            let end = try await ToolProcess.run(configuration, within: .seconds(300), killedAfter: death)
            let status =
                switch end.status {
                case .exited(let code): Int(code)
                case .signaled(let signal): 128 + Int(signal)
                }
            return End(
                status: status, output: String(decoding: end.output, as: UTF8.self),
                errors: String(decoding: end.errors, as: UTF8.self))
        } catch {
            throw RunnerFailure(
                reason: .environmentEngine, detail: "`\(path)` could not be started: \(error)")
        }
    }
}
