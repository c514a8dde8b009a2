// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// A notice on its way to one receiver.
package struct Posting: Hashable, Sendable {
    /// The receiver's name in the stack.
    package let receiver: String
    /// What it is told.
    package let notice: Notice
    /// Not to be sent before; nil for at once.
    package let due: Date?

    /// Addresses `notice`.
    package init(receiver: String, notice: Notice, due: Date? = nil) {
        self.receiver = receiver
        self.notice = notice
        self.due = due
    }
}

extension Stack {
    /// To whom `notice` goes, and when: pages at once, all else with the next digest, none where there is no digest.
    package func postings(of notice: Notice) -> [Posting] {
        notify.compactMap { target in
            guard target.wants(notice, of: self) else { return nil }
            guard notice.urgency == .digest, !target.keepsThreads else {
                return Posting(receiver: target.name, notice: notice)
            }
            return digest(after: notice).map { Posting(receiver: target.name, notice: notice, due: $0) }
        }
    }

    /// The next digest; for what is weekly the first one from Monday on.
    private func digest(after notice: Notice) -> Date? {
        guard notice.isWeekly else { return operation.digest?.next(after: notice.at) }
        // 1970 began on a Thursday.
        let days = (notice.at.timeIntervalSince1970 / 86400).rounded(.down)
        let monday = days + 7 - (days + 3).truncatingRemainder(dividingBy: 7)
        return operation.digest?.next(after: Date(timeIntervalSince1970: monday * 86400 - 1))
    }
}

extension NotifyTarget {
    /// Whether what belongs together is kept in one place and brought up to date there.
    package var keepsThreads: Bool {
        switch kind {
        case .githubIssue, .githubStatus: true
        case .webhook, .command, .file: false
        }
    }

    /// Whether it is told of `notice`, sooner or later.
    package func wants(_ notice: Notice, of stack: Stack) -> Bool {
        guard concerns(notice) else { return false }
        switch kind {
        case .webhook, .command, .file: return true
        case .githubIssue:
            return notice.thread != nil && [.page, .updated, .changed, .recovered].contains(notice.kind)
        case .githubStatus(let repository, _):
            guard let culprit = notice.culprit, culprit.isConfirmed, [.page, .updated].contains(notice.kind),
                case .repository(let address) = stack.graph[culprit.project]?.location
            else { return false }
            return ForgeLink(address)?.gitHubName?.lowercased() == repository.lowercased()
        }
    }

    /// Operators are those who are told of all projects; others are told where a project of theirs broke or is broken.
    private func concerns(_ notice: Notice) -> Bool {
        guard !projects.isEmpty else { return true }
        guard notice.audience == .maintainers else { return false }
        let concerned =
            (notice.jobs + notice.held).map(\.project) + [notice.upstream, notice.culprit?.project].compactMap(\.self)
        return !Set(projects).isDisjoint(with: concerned)
    }
}
