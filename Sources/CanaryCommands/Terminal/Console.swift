// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Standard output, which gets results, and standard error, which gets everything else.
enum Console {
    /// Whether writing a result failed.
    private static let isCutShort = Mutex(false)

    /// Prints a result.
    static func result(_ text: String) { result(Data((text + "\n").utf8)) }

    /// Writes a result, byte for byte.
    static func result(_ bytes: Data) {
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
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// Writes bytes to standard error, unchanged.
    static let writeRaw: @Sendable (UnsafeRawBufferPointer) -> Void = { FileHandle.standardError.write(Data($0)) }

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
