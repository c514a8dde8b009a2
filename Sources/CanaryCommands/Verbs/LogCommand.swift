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
        commandName: "log", abstract: "Print what an attempt printed.",
        discussion: "Escapes and control characters are taken out, also into a pipe; `--raw` gives the bytes.")

    @Argument(help: "The attempt's id.")
    var attempt: String

    @Flag(name: .long, help: "Go on printing until the attempt ends.")
    var follow = false

    @Flag(name: .long, help: "The bytes as they came, without stage marks.")
    var raw = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let history = try KnownHistory.open(common)
        guard let record = try await history.attempt(attempt) else { throw KnownHistory.unknown(attempt) }
        guard let file = try await file(in: history) else {
            if let removedAt = try await history.logRemoval(of: attempt) {
                throw BadInput(
                    text: "the log of `\(attempt)` was removed at \(removedAt.rfc3339) by `canary gc`",
                    hint: "`keep: {logs: ...}` in `stack.yaml` says how long logs are kept; `canary show` has the rest")
            }
            guard record.state == .finished, !record.stages.isEmpty else {
                return Console.note("nothing was printed: no stage of `\(attempt)` ran")
            }
            throw BadInput(
                text: "the log of `\(attempt)` is gone", hint: "`canary show` has what was found in it")
        }
        var printer = LogPrinter(isRaw: raw, marks: raw ? [] : marks(of: record))
        printer.print(file)
        while follow, try await history.attempt(attempt)?.state == .running {
            try await Task.sleep(for: .milliseconds(200))
            printer.print(file)
        }
        printer.print(file)
        printer.finish()
    }

    /// The log; nil when there is none, which `--follow` believes only when the attempt has ended.
    private func file(in history: History) async throws -> FileHandle? {
        let path = common.stateFolder.attempt(attempt).log
        while true {
            if let file = FileHandle(forReadingAtPath: path) { return file }
            guard follow, try await history.attempt(attempt)?.state == .running else {
                // It may have been written and ended since the last look.
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

/// Writes a log to standard output, with a line before each stage.
struct LogPrinter {
    /// Where a stage begins.
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

    /// Prints what `file` holds from here on.
    mutating func print(_ file: FileHandle) {
        while let chunk = try? file.read(upToCount: 1 << 16), !chunk.isEmpty {
            var rest = chunk[...]
            while let mark = marks.first, mark.offset < position + rest.count {
                let before = rest.prefix(max(0, mark.offset - position))
                emit(before)
                rest = rest.dropFirst(before.count)
                head(mark.stage)
            }
            emit(rest)
        }
    }

    /// Ends the text; stages that printed nothing are named too.
    mutating func finish() {
        write(Data(plain.finish().utf8))
        for mark in marks { head(mark.stage) }
    }

    private mutating func head(_ stage: Stage) {
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
