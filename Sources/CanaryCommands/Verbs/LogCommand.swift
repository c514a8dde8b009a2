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

    @Flag(name: .long, help: "The unmodified bytes, without stage marks.")
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
        var printer = LogPrinter(isRaw: raw, marks: raw ? [] : marks(of: record))
        printer.print(file)
        while follow, try await history.builds.attempt(attempt)?.state == .running {
            try await Task.sleep(for: .milliseconds(200))
            printer.print(file)
        }
        printer.print(file)
        printer.finish()
    }

    /// The log, or nil if there is none. With `--follow`, a running attempt may still create it.
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

    private func marks(of record: AttemptRecord) -> [LogPrinter.Mark] {
        guard let logBytes = record.logBytes else { return [] }
        let stack = try? common.loadStack(showingWarnings: false)
        let limits = stack?.graph[record.project]?.builds[record.variant]?.limits ?? AttemptLimits()
        let kept = TruncatedLog(totalBytes: logBytes, limit: limits.log)
        return record.stages.map { LogPrinter.Mark(offset: kept.offset(ofRaw: $0.logOffset), stage: $0.stage) }
    }
}

/// Writes a log to standard output, with a heading before each stage.
struct LogPrinter {
    /// Where a stage begins in the stored log, in bytes.
    struct Mark {
        let offset: Int
        let stage: Stage
    }

    private let isRaw: Bool
    private var marks: ArraySlice<Mark>
    private var plain = PlainText()
    private var position = 0
    private var isLineOpen = false

    init(isRaw: Bool, marks: [Mark]) {
        self.isRaw = isRaw
        self.marks = marks[...]
    }

    /// Prints the rest of `file`.
    mutating func print(_ file: FileHandle) {
        while let chunk = try? file.read(upToCount: 1 << 16), !chunk.isEmpty {
            var rest = chunk[...]
            while let mark = marks.first, mark.offset < position + rest.count {
                let before = rest.prefix(max(0, mark.offset - position))
                emit(before)
                rest = rest.dropFirst(before.count)
                printHeading(mark.stage)
            }
            emit(rest)
        }
    }

    /// Prints the headings of the remaining stages, which printed nothing.
    mutating func finish() {
        write(Data(plain.finish().utf8))
        for mark in marks { printHeading(mark.stage) }
    }

    private mutating func printHeading(_ stage: Stage) {
        write(Data(plain.finish().utf8))
        write(Data("\(isLineOpen ? "\n" : "")==> \(stage.rawValue)\n".utf8))
        plain = PlainText()
        marks = marks.dropFirst()
    }

    private mutating func emit(_ bytes: Data) {
        position += bytes.count
        write(isRaw ? bytes : Data(bytes.withUnsafeBytes { plain.append($0) }.utf8))
    }

    private mutating func write(_ data: Data) {
        if let last = data.last { isLineOpen = last != UInt8(ascii: "\n") }
        Console.result(data)
    }
}
