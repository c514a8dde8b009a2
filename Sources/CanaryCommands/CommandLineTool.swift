// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryHistory
import CanaryProcesses
import CanaryServer
import Glibc

/// The program: parses the command line, runs the verb, and turns every error into a message and an exit status.
package enum CommandLineTool {
    /// Runs the command line of this process, then exits.
    package static func main() async -> Never {
        Secrets.closeMemory()
        Secrets.takeTokens()
        do {
            var command = try CanaryCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            end(.success)
        } catch {
            end(report(error))
        }
    }

    /// Prints `error` and returns its exit status.
    private static func report(_ error: any Error) -> ExitCode {
        switch error {
        case let code as ExitCode:
            return code
        case let error as EngineError:
            if error.code != .interrupted { Console.error("\(error)") }
            return error.exitCode
        case let error as HistoryError:
            Console.error("\(error)")
            return error.exitCode
        case let error as ServingError:
            Console.error("\(error)")
            return .infrastructure
        case let error as BadInput:
            Console.error("\(error)")
            return .badInput
        default:
            return reportParsing(error)
        }
    }

    /// Help and version are not errors.
    ///
    /// Usage errors exit with `badInput`, not with ArgumentParser's own status 64.
    private static func reportParsing(_ error: any Error) -> ExitCode {
        let message = CanaryCommand.fullMessage(for: error)
        switch CanaryCommand.exitCode(for: error) {
        case .success:
            Console.result(message)
            return .success
        case .validationFailure:
            Console.note(message)
            return .badInput
        default:
            Console.error("\(error)")
            return .infrastructure
        }
    }

    private static func end(_ code: ExitCode) -> Never {
        if Console.isComplete { exit(code.rawValue) }
        Console.error("the result could not be written completely to standard output\nhint: is the disk full?")
        exit(ExitCode.infrastructure.rawValue)
    }
}
