// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryModel
import CanaryText
import Foundation
import Synchronization

@testable import CanaryPages

/// The log of a build: its diagnosis, and the parser of terminal output.
enum LogInput {
    private static let names = PathNames(attemptPaths)
    private static let ends: [(Stage, ExitStatus)] = [
        (.configure, .code(1)), (.build, .code(2)), (.test, .signal(11)),
    ]

    static func read(_ bytes: UnsafeRawBufferPointer) {
        let log = LogExcerpt(path: Scratch.write(bytes, to: "input.log"))
        // One of them is enough for an input, which grows and shrinks.
        let (stage, status) = ends[bytes.count % ends.count]
        let end = AttemptEnd(cause: .stageFailed(stage, status), stages: [], logBytes: bytes.count)
        let outcome = Diagnosis.outcome(of: end, log: log, names: names)
        require([.failed, .error].contains(outcome.result), "a failure, found \(outcome)")
        require(outcome.firstError?.text.count ?? 0 <= 500, "a short first error")
        readAsPage(bytes, firstError: outcome.firstError?.text)
        let text = PlainText.of(bytes)
        require(!text.unicodeScalars.contains { $0 != "\n" && $0 != "\t" && isControl($0) }, "no control characters")
        require(inPieces(bytes) == text, "the same text in pieces as in one")
        let line = SanitizedText.line(text, limit: 80)
        require(line.unicodeScalars.count <= 80 && !line.unicodeScalars.contains(where: isControl), "one short line")
        readStyles(bytes)
        requireInert(bytes)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }

    /// The text, given to the parser in pieces of growing length.
    private static func inPieces(_ bytes: UnsafeRawBufferPointer) -> String {
        var (plain, text, start, length) = (PlainText(), "", 0, 1)
        while start < bytes.count {
            let end = min(start + length, bytes.count)
            text += plain.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            (start, length) = (end, length + 1)
        }
        return text + plain.finish()
    }

    private static func requireInert(_ bytes: UnsafeRawBufferPointer) {
        var commands = InertCommands()
        let inert = commands.filter(bytes)
        require(!inert.starts(with: "::".utf8), "no command at the beginning of a log")
    }

    /// Renders the page of a log, which must hold no markup of the log's.
    private static func readAsPage(_ bytes: UnsafeRawBufferPointer, firstError: String?) {
        let content = Array(bytes)
        let log = LogBytes(count: content.count) { Array(content[$0]) }
        let starts = [LogFacts.StageStart(offset: content.count / 2, stage: .build)]
        let done = DispatchSemaphore(value: 0)
        let html = Mutex("")
        Task.detached {
            let page = await LogText.of(log, stageStarts: starts, firstError: firstError)
            html.withLock { $0 = page.html }
            done.signal()
        }
        done.wait()
        require(html.withLock { !$0.contains("<script") && !$0.contains("\u{1B}") }, "no markup of the log's")
    }

    private static func readStyles(_ bytes: UnsafeRawBufferPointer) {
        var parser = TerminalParser()
        parser.parse(bytes) { if case .style(let parameters) = $0 { _ = parameters.numbers } }
        parser.finish { _ in }
    }
}
