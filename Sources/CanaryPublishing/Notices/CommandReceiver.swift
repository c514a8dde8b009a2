// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// A program that gets a letter as JSON on its standard input, in the stack's folder.
struct CommandReceiver: Receiver {
    let name: String
    /// The program and its arguments.
    let words: [String]
    let folder: String
    /// What it sees: our own without any receiver's secret.
    let environment: [String: String]
    let timeout: Duration

    var wantsSingles: Bool { false }

    func take(_ dispatch: Dispatch) async -> Delivery {
        guard let json = try? LetterDocument.json(dispatch.letter) else {
            return .refused("the notice cannot be written as JSON")
        }
        var environment = environment
        environment["CANARY_NOTICE_KEY"] = dispatch.letter.key
        let end: NoticeProcess.End
        do {
            end = try await NoticeProcess.run(
                words, in: folder, environment: environment, input: Array("\(json)\n".utf8), within: timeout)
        } catch {
            return .busy(error.text)
        }
        guard !end.isOutOfTime else { return .busy("`\(words[0])` did not end within \(timeout.components.seconds) s") }
        if end.status == 0 { return .taken(remote: nil) }
        let said = HarmlessText.line(end.errors, limit: 120)
        let trouble = "`\(words[0])` ended with \(end.status)" + (said.isEmpty ? "" : ": \(said)")
        return end.status == 126 || end.status == 127 ? .refused(trouble) : .busy(trouble)
    }
}
