// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// A log as HTML: numbered lines, a heading before each stage, the first error highlighted.
///
/// Of a long log it has only the beginning, the lines around the first error, and the end, so that its cost does not grow
/// with the log.
package struct LogText: Sendable {
    /// After this many bytes of a log, other tasks run.
    private static let share = 16 << 10

    /// The inside of a `pre`.
    let html: String
    /// The size of the log, in bytes.
    let bytes: Int
    /// The number of lines of the log.
    let lines: Int
    /// The number of the line that shows the first error.
    let errorLine: Int?
    /// The stages with a heading.
    let stages: Set<Stage>

    /// Reads and renders `log`.
    @concurrent
    package static func of(
        _ log: LogBytes, stageStarts: [LogFacts.StageStart], firstError: String?
    ) async -> LogText {
        let index = await LogIndex.of(log, firstError: firstError)
        var writer = Writer(index, stageStarts: stageStarts.sorted { $0.offset < $1.offset }, end: log.count)
        var done = 0
        for line in index.shown {
            writer.add(line)
            done += line.text.count
            guard done > share else { continue }
            done = 0
            await Task.yield()
        }
        writer.addHeadings(before: .max)
        return LogText(
            html: writer.html, bytes: log.count, lines: index.lines, errorLine: index.errorLine,
            stages: writer.stages)
    }

    private struct Writer {
        private(set) var html = ""
        private(set) var stages: Set<Stage> = []
        private let index: LogIndex
        private let end: Int
        private var rest: ArraySlice<LogFacts.StageStart>
        private var ansi = AnsiText()
        private var last = 0

        init(_ index: LogIndex, stageStarts: [LogFacts.StageStart], end: Int) {
            self.index = index
            self.end = end
            rest = stageStarts[...]
        }

        mutating func addHeadings(before end: Int) {
            while let start = rest.first, start.offset < end {
                html += "<b class=\"stage\" id=\"stage-\(start.stage.rawValue)\">\(start.stage.rawValue)\n</b>"
                stages.insert(start.stage)
                rest = rest.dropFirst()
            }
        }

        mutating func add(_ line: LogIndex.Line) {
            let number = line.number
            if number > last + 1 {
                html += "<i class=\"gap\">\((number - last - 1).counting("line")) left out\n</i>"
            }
            last = number
            // A stage begins in this line, or in one that was left out before it.
            addHeadings(before: min(line.end, end))
            let mark = number == index.errorLine ? " class=\"first\"" : ""
            html += "<span id=\"L\(number)\" data-n=\"\(number)\"\(mark)>"
            let text = line.text.withUnsafeBytes { ansi.html(of: $0[...]) }
            html += text
            switch line.rest {
            case 0?: html += "\n</span>"
            case let rest?: html += " … \(rest.sizeText) more\n</span>"
            case nil: html += " … and more\n</span>"
            }
        }
    }
}
