// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Where text goes: results to standard output, everything else to standard error.
enum Console {
    /// A result.
    static func result(_ text: String) { print(text) }

    /// A remark.
    static func note(_ text: String) { write(text + "\n") }

    /// An error: `error: ...`, with hints on lines of their own.
    static func error(_ text: String) { write("error: \(text)\n") }

    /// Raw text on standard error, in one write so that lines of two writers do not mix.
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// Bytes on standard error, as they are.
    static let writeRaw: @Sendable (UnsafeRawBufferPointer) -> Void = { FileHandle.standardError.write(Data($0)) }

    /// Whether standard error shows to somebody who sees lines change: a terminal, outside CI.
    static var isLive: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDERR_FILENO) == 1 && environment["CI"] == nil && environment["TERM"] != "dumb"
    }

    /// Whether somebody sits at a terminal, to type and to read.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Whether colours are welcome on standard error.
    static var hasColour: Bool { isLive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty }

    /// The width of the terminal, in columns.
    static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
