// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// `canary log`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Print the build log of an attempt.",
        discussion: """
            Escape sequences and control characters are removed, also when the output is not a terminal; `--raw` prints \
            the log unmodified.
            """)

    @Argument(help: "The id of the attempt (a...).")
    var attempt: String

    @Flag(name: .long, help: "Print the log as it grows, until the attempt ends.")
    var follow = false

    @Flag(name: .long, help: "Print the unmodified bytes, without stage headings.")
    var raw = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let history = try KnownHistory.open(common)
        guard let record = try await history.builds.attempt(attempt) else { throw KnownHistory.unknown(attempt) }
        guard let file = try await file(in: history) else {
            if let removedAt = try await history.builds.logRemoval(of: attempt) {
                throw BadInput(
                    text: "the log of `\(attempt)` was removed at \(removedAt.rfc3339) by `canary gc`",
                    hint: "`keep: {logs: ...}` in `stack.yaml` sets how long logs are kept; `canary show` has the rest")
            }
            guard record.state == .finished, !record.stages.isEmpty else {
                return Console.note("the log is empty: no stage of `\(attempt)` ran")
            }
            throw BadInput(
                text: "the log of `\(attempt)` is missing", hint: "`canary show \(attempt)` shows its first error")
        }
        let stack = raw || record.logBytes == nil ? nil : (try? common.loadStack(showingWarnings: false))
        var printer = LogPrinter(isRaw: raw, headings: raw ? [] : record.stageOffsets(in: stack))
        printer.print(file)
        while follow, try await history.builds.attempt(attempt)?.state == .running {
            try await Task.sleep(for: .milliseconds(200))
            printer.print(file)
        }
        printer.print(file)
        printer.finish()
    }

    /// The log, or nil if there is none.
    ///
    /// With `--follow`, a running attempt may still create it.
    private func file(in history: HistoryReader) async throws -> FileHandle? {
        let path = common.stateFolder.attempt(attempt).log
        while true {
            if let file = FileHandle(forReadingAtPath: path) { return file }
            guard follow, try await history.builds.attempt(attempt)?.state == .running else {
                // The attempt may have created it and ended since the last check.
                return FileHandle(forReadingAtPath: path)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

extension AttemptRecord {
    /// Where each stage begins in the stored log, in bytes; empty while the attempt runs.
    func stageOffsets(in stack: Stack?) -> [(offset: Int, stage: Stage)] {
        guard let logBytes else { return [] }
        let limits = stack?.graph[project]?.builds[variant]?.limits ?? AttemptLimits()
        let stored = TruncatedLog(totalBytes: logBytes, limit: limits.log)
        return stages.map { (stored.offset(ofRaw: $0.logOffset), $0.stage) }
    }
}

/// Writes a log to standard output, with a heading before each stage.
struct LogPrinter {
    private let isRaw: Bool
    /// The stages whose heading is still to be printed, and where they begin, in bytes.
    private var headings: ArraySlice<(offset: Int, stage: Stage)>
    private var plain = PlainText()
    private var position = 0
    private var isLineOpen = false

    init(isRaw: Bool, headings: [(offset: Int, stage: Stage)]) {
        self.isRaw = isRaw
        self.headings = headings[...]
    }

    /// Prints the rest of `file`.
    mutating func print(_ file: FileHandle) {
        while let chunk = try? file.read(upToCount: 1 << 16), !chunk.isEmpty {
            var rest = chunk[...]
            while let heading = headings.first, heading.offset < position + rest.count {
                let before = rest.prefix(max(0, heading.offset - position))
                emit(before)
                rest = rest.dropFirst(before.count)
                printHeading(heading.stage)
            }
            emit(rest)
        }
    }

    /// Prints the headings of the remaining stages, which printed nothing.
    mutating func finish() {
        write(Data(plain.finish().utf8))
        for heading in headings { printHeading(heading.stage) }
    }

    private mutating func printHeading(_ stage: Stage) {
        write(Data(plain.finish().utf8))
        write(Data("\(isLineOpen ? "\n" : "")==> \(stage.rawValue)\n".utf8))
        plain = PlainText()
        headings = headings.dropFirst()
    }

    private mutating func emit(_ bytes: Data) {
        position += bytes.count
        write(isRaw ? bytes : Data(bytes.withUnsafeBytes { plain.append($0) }.utf8))
    }

    private mutating func write(_ data: Data) {
        if let last = data.last { isLineOpen = last != UInt8(ascii: "\n") }
        if isRaw { Console.unmodifiedResult(data) } else { Console.result(data) }
    }
}
