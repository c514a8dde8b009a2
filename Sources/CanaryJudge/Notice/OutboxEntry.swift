// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// How far the delivery of a notice, or of a batch of them, has come.
package enum DeliveryState: String, CaseIterable, Sendable {
    /// It is to be sent, or to be sent again.
    case waiting
    /// The receiver took it.
    case sent
    /// The receiver refused it, or could not be reached for too long.
    case givenUp
}

/// A notice in the outbox, addressed to one receiver.
///
/// The receiver and the notice's key identify an entry.
package struct OutboxEntry: Hashable, Sendable {
    /// The receiver's name in the stack.
    package let receiver: String
    /// What is sent.
    package let notice: Notice
    /// When it is due, `.distantPast` if at once; once its delivery is over, when it ended.
    package let at: Date
    /// How far its delivery has come.
    package let state: DeliveryState
    /// Why the last try failed; nil if none did.
    package let lastError: String?

    /// Addresses `notice` to `receiver`.
    package init(
        receiver: String, notice: Notice, at date: Date = .distantPast, state: DeliveryState = .waiting,
        lastError: String? = nil
    ) {
        self.receiver = receiver
        self.notice = notice
        self.at = date
        self.state = state
        self.lastError = lastError
    }
}

extension Stack {
    /// The entries that send `notice` to its receivers: pages at once, the rest with the next digest; without a digest
    /// the rest is not sent.
    package func outboxEntries(for notice: Notice) -> [OutboxEntry] {
        notify.filter { $0.accepts(notice, of: self) }.compactMap { target in
            guard notice.urgency == .digest, !target.keepsThreads else {
                return OutboxEntry(receiver: target.name, notice: notice)
            }
            return nextDigest(for: notice).map { OutboxEntry(receiver: target.name, notice: notice, at: $0) }
        }
    }

    /// The next digest, for a weekly notice the first one from Monday on; nil without a digest.
    private func nextDigest(for notice: Notice) -> Date? {
        guard notice.isWeekly else { return operation.digest?.next(after: notice.at) }
        // 1970 began on a Thursday.
        let days = (notice.at.timeIntervalSince1970 / 86400).rounded(.down)
        let monday = days + 7 - (days + 3).truncatingRemainder(dividingBy: 7)
        return operation.digest?.next(after: Date(timeIntervalSince1970: monday * 86400 - 1))
    }
}

extension NotifyTarget {
    /// Whether the receiver keeps one item per thread, which later notices bring up to date.
    package var keepsThreads: Bool {
        switch kind {
        case .githubIssue, .githubStatus: true
        case .webhook, .command, .file: false
        }
    }

    /// Whether `notice` is sent to this receiver, at once or later.
    package func accepts(_ notice: Notice, of stack: Stack) -> Bool {
        guard concerns(notice) else { return false }
        switch kind {
        case .webhook, .command, .file: return true
        case .githubIssue:
            return notice.thread != nil && [.page, .updated, .changed, .recovered].contains(notice.kind)
        case .githubStatus(let repository, _):
            guard let culprit = notice.culprit, culprit.isConfirmed, [.page, .updated].contains(notice.kind),
                case .repository(let address) = stack.graph[culprit.commit.project]?.location
            else { return false }
            return ForgeLink(address)?.gitHubName?.lowercased() == repository.lowercased()
        }
    }

    /// Receivers without `projects` are the operators and get everything; others are notified if one of their projects
    /// broke something or is broken.
    private func concerns(_ notice: Notice) -> Bool {
        guard !projects.isEmpty else { return true }
        guard notice.audience == .maintainers else { return false }
        let concerned =
            (notice.jobs + notice.held).map(\.project)
            + [notice.upstream, notice.culprit?.commit.project].compactMap(\.self)
        return !Set(projects).isDisjoint(with: concerned)
    }
}
