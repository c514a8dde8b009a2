// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryProcesses
import CanaryText
import Foundation

/// Starts a program in the stack's folder, with the batch as JSON on its standard input.
struct CommandReceiver: Receiver {
    let name: String
    /// The program and its arguments.
    let words: [String]
    let folder: String
    /// Its environment: that of this process without any receiver's secret.
    let environment: [String: String]
    let timeout: Duration

    var takesSingleNotices: Bool { false }

    func deliver(_ batch: NoticeBatch, at date: Date, remote: String?) async -> DeliveryAttempt.Result {
        guard let json = try? batch.document.json() else {
            return .refused("the notice cannot be written as JSON")
        }
        var environment = environment
        environment["CANARY_NOTICE_KEY"] = batch.key
        let end: FedProcess.End
        do {
            // The shell only changes to the folder, so that a missing program is an exit status.
            let command = Command(
                "/bin/sh", ["-c", #"cd -- "$0" && exec "$@""#, folder] + words, variables: environment)
            end = try await FedProcess.run(command, input: Array("\(json)\n".utf8), within: timeout)
        } catch {
            return .unavailable(error.description)
        }
        guard !end.isOutOfTime else {
            return .unavailable("`\(words[0])` did not end within \(timeout.components.seconds) s")
        }
        let code = end.status.shellCode
        if code == 0 { return .delivered(remote: nil) }
        let output = SanitizedText.line(end.errors, limit: 120)
        let error = "`\(words[0])` ended with \(code)" + (output.isEmpty ? "" : ": \(output)")
        return code == 126 || code == 127 ? .refused(error) : .unavailable(error)
    }
}
