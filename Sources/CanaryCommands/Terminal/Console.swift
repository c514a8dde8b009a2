// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Where text goes: results to standard output, everything else to standard error.
enum Console {
    /// Whether a result did not get where it was to go.
    private static let isCutShort = Mutex(false)

    /// A result.
    static func result(_ text: String) { result(Data((text + "\n").utf8)) }

    /// A result, byte for byte.
    static func result(_ bytes: Data) {
        do { try FileHandle.standardOutput.write(contentsOf: bytes) } catch { isCutShort.withLock { $0 = true } }
    }

    /// Whether all results got where they were to go.
    static var hasToldAll: Bool { isCutShort.withLock { !$0 } }

    /// A remark.
    static func note(_ text: String) { write(text + "\n") }

    /// An error: `error: ...`, with hints on lines of their own.
    static func error(_ text: String) { write("error: \(text)\n") }

    /// Raw text on standard error, in one write so that lines of two writers do not mix; what a full disk or a closed
    /// pipe does not take is nobody's to hear of.
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

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
