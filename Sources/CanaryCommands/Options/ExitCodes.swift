// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryHistory

extension ExitCode {
    /// The canary found breakage.
    static let breakage = ExitCode(1)
    /// The input is wrong; usage errors too.
    static let badInput = ExitCode(2)
    /// The environment or the infrastructure failed.
    static let infrastructure = ExitCode(3)
    /// Interrupted by SIGINT or SIGTERM.
    static let interrupted = ExitCode(130)

    /// The table of exit statuses, as help texts show it.
    static let table = """
        EXIT STATUS:
          0    fine
          1    the canary found breakage
          2    the input is wrong: usage, manifests, names
          3    the environment or the infrastructure failed
          130  interrupted
        """
}

extension EngineError {
    var exitCode: ExitCode {
        switch code {
        case .badRequest: .badInput
        case .stateInUse, .stateFolder, .runtime, .stopped: .infrastructure
        case .interrupted: .interrupted
        }
    }
}

extension HistoryError {
    var exitCode: ExitCode { code == .otherStack ? .badInput : .infrastructure }
}

/// An error in the input, with a hint.
struct BadInput: Error, CustomStringConvertible {
    let text: String
    var hint: String?

    var description: String { hint.map { "\(text)\nhint: \($0)" } ?? text }
}
