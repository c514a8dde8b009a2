// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// How a process ended.
package enum ExitStatus: Hashable, Codable, Sendable, CustomStringConvertible {
    /// It exited with this code.
    case code(Int)
    /// This signal ended it.
    case signal(Int)

    /// The code, or 128 plus the signal, as a shell reports it.
    package var shellCode: Int {
        switch self {
        case .code(let code): code
        case .signal(let signal): 128 + signal
        }
    }

    package var description: String {
        switch self {
        case .code(let code): "exit status \(code)"
        case .signal(let signal): "signal \(signal)"
        }
    }
}

/// The record of one stage of an attempt.
package struct StageRun: Hashable, Codable, Sendable {
    /// The stage.
    package let stage: Stage
    /// When it started.
    package let startedAt: Date
    /// When it ended.
    package let endedAt: Date
    /// How it exited; nil when a limit, a cancellation or a lost engine ended it.
    package let exit: ExitStatus?
    /// How many bytes the attempt had printed when the stage started.
    package let logOffset: Int

    /// Makes the record of a stage.
    package init(stage: Stage, startedAt: Date, endedAt: Date, exit: ExitStatus?, logOffset: Int) {
        self.stage = stage
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.exit = exit
        self.logOffset = logOffset
    }
}
