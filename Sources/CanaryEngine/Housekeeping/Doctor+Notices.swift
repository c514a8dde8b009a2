// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

extension Doctor {
    private static let patience = 3
    private static let remembered: TimeInterval = 7 * 86400

    /// Whether notices do not arrive: batches that keep failing, and those given up within a week.
    func notices(_ history: HistoryReader) async throws(HistoryError) -> HealthCheck {
        let stuck = try await history.notices.stuckBatches(
            attempts: Self.patience, givenUpSince: now.addingTimeInterval(-Self.remembered))
        let lost = stuck.filter { $0.state == .givenUp }
        guard let worst = lost.last ?? stuck.first else { return .ok("notices", "nothing is stuck") }
        let all = lost.isEmpty ? stuck : lost
        let count = all.map(\.notices.count).reduce(0, +)
        let words = "\(count.counting("notice")) \(lost.isEmpty ? "waiting" : "given up within a week")"
        return HealthCheck(
            "notices", lost.isEmpty ? .warning : .error,
            "\(words); `\(worst.receiver)`, after \(worst.attempts.counting("try", plural: "tries")): "
                + (worst.lastError ?? ""),
            hint: "correct the receiver in `stack.yaml`, or its secret; `docs/notices.md` explains how to test it")
    }
}
