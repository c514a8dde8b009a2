// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Glibc
import Synchronization

/// Standard output, which gets results, and standard error, which gets everything else.
///
/// In a workflow of GitHub nothing that is printed is a command to the runner: logs, subjects and names are strangers' text.
enum Console {
    /// Whether writing a result failed.
    private static let isCutShort = Mutex(false)
    private static let isWorkflow = ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true"
    private static let output = Mutex(InertCommands())
    private static let errors = Mutex(InertCommands())

    /// Prints a result; who parses a document, or runs a script, gets it as it is.
    static func result(_ text: String) {
        // Scripts hold no commands: see `ScriptText`.
        let isDocument = isWorkflow && text.hasPrefix("{")
        result(Data(((isDocument ? InertCommands.escaped(document: text) : text) + "\n").utf8))
    }

    /// Writes a part of a result.
    static func result(_ bytes: Data) { print(isWorkflow ? output.withLock { Data($0.filter(bytes)) } : bytes) }

    /// Writes a part of a result, byte for byte where it goes to a file and no runner reads it.
    static func unmodifiedResult(_ bytes: Data) {
        var found = stat()
        let isFile = fstat(STDOUT_FILENO, &found) == 0 && found.st_mode & S_IFMT == S_IFREG
        if isFile { print(bytes) } else { result(bytes) }
    }

    private static func print(_ bytes: Data) {
        do { try FileHandle.standardOutput.write(contentsOf: bytes) } catch { isCutShort.withLock { $0 = true } }
    }

    /// Whether all results so far were written.
    static var isComplete: Bool { isCutShort.withLock { !$0 } }

    /// Prints a remark to standard error.
    static func note(_ text: String) { write(text + "\n") }

    /// Prints `error: ...` to standard error.
    static func error(_ text: String) { write("error: \(text)\n") }

    /// Writes text to standard error in one call, so that lines of two writers do not mix.
    ///
    /// Errors are ignored, because there is nowhere to report them.
    static func write(_ text: String) { write(Data(text.utf8)) }

    /// Writes what a program prints to standard error.
    static let writeOutput: @Sendable (UnsafeRawBufferPointer) -> Void = { write(Data($0)) }

    private static func write(_ bytes: Data) {
        let bytes = isWorkflow ? errors.withLock { Data($0.filter(bytes)) } : bytes
        try? FileHandle.standardError.write(contentsOf: bytes)
    }

    /// Whether standard error is a terminal on which lines can be redrawn, and not CI.
    static var isLive: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDERR_FILENO) == 1 && environment["CI"] == nil && environment["TERM"] != "dumb"
    }

    /// Whether standard input and output are a terminal.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Whether standard error is a terminal on which colours are wanted (`NO_COLOR` is not set).
    static var hasColour: Bool { isLive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty }

    /// The width of the terminal, in columns.
    static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
