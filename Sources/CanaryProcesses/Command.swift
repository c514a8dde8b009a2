// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Subprocess
import SystemPackage

/// A program to start, with everything it gets: arguments are passed as they are, never through a shell.
package struct Command: Hashable, Sendable {
    /// The program's path; a name without a slash is looked up in this process's `PATH`.
    package let executable: String
    /// Its arguments, without its own name.
    package let arguments: [String]
    /// All variables it sees.
    package let variables: [String: String]
    /// The folder it runs in.
    package let folder: String

    /// Describes a program to start; by default it inherits this process's variables and runs in `/`.
    package init(
        _ executable: String, _ arguments: [String] = [],
        variables: [String: String] = ProcessInfo.processInfo.environment, in folder: String = "/"
    ) {
        self.executable = executable
        self.arguments = arguments
        self.variables = variables
        self.folder = folder
    }

    /// How the program is started: it leads a session of its own, so that its group can be ended as a whole and no
    /// terminal can be asked; `steps` are taken when the task that runs it is cancelled.
    func configuration(teardown steps: [TeardownStep] = []) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = steps
        // The library copies entries as C strings: without a zero at the end it would read past them.
        let entries = variables.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)\0".utf8) }
        return Configuration(
            executable: executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
            arguments: Arguments(arguments), environment: .custom(entries), workingDirectory: FilePath(folder),
            platformOptions: options)
    }
}

/// Why a program could not be started or watched to its end.
package struct LaunchFailure: Error, Hashable, CustomStringConvertible {
    /// What happened, in lower case.
    package let description: String

    /// Describes why.
    init(_ description: String) { self.description = description }

    /// Describes why `command` was not started.
    init(_ command: Command, _ error: any Error) {
        description = "`\(command.executable)` could not be started: \(error)"
    }
}

extension Command {
    /// Runs it in place of this process: with the same id, open files and terminal; returns only by throwing.
    ///
    /// - Throws: `LaunchFailure` when the folder cannot be entered or the program, which must be a path, cannot be
    ///   executed; the process is then in that folder.
    package func replaceProcess() throws(LaunchFailure) -> Never {
        guard chdir(folder) == 0 else {
            throw LaunchFailure("cannot enter `\(folder)`: \(String(cString: strerror(errno)))")
        }
        // Threads of this process block signals, which the program would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        var entries: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") }
        words.append(nil)
        entries.append(nil)
        execve(executable, &words, &entries)
        throw LaunchFailure("`\(executable)` could not be started: \(String(cString: strerror(errno)))")
    }
}

extension ExitStatus {
    init(_ status: TerminationStatus) {
        self =
            switch status {
            case .exited(let code): .code(Int(code))
            case .signaled(let signal): .signal(Int(signal))
            }
    }
}
