// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryProcesses
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
        let end: FedProcess.End
        do {
            // The words are arguments; the shell only goes to the folder, so that a missing one is an exit status.
            let command = Command(
                "/bin/sh", ["-c", #"cd -- "$0" && exec "$@""#, folder] + words, variables: environment)
            end = try await FedProcess.run(command, input: Array("\(json)\n".utf8), within: timeout)
        } catch {
            return .busy(error.description)
        }
        guard !end.isOutOfTime else { return .busy("`\(words[0])` did not end within \(timeout.components.seconds) s") }
        let code = end.status.shellCode
        if code == 0 { return .taken(remote: nil) }
        let said = SanitizedText.line(end.errors, limit: 120)
        let trouble = "`\(words[0])` ended with \(code)" + (said.isEmpty ? "" : ": \(said)")
        return code == 126 || code == 127 ? .refused(trouble) : .busy(trouble)
    }
}
