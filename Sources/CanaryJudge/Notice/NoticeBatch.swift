// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
package import Foundation

/// Outbox entries that are sent to one receiver together, under one idempotency key.
///
/// The receiver and the key identify a batch. Its notices never change once it is recorded.
package struct NoticeBatch: Hashable, Sendable {
    /// The receiver's name in the stack.
    package let receiver: String
    /// The idempotency key: the notice's own if there is only one.
    package let key: String
    /// The notices, oldest first; never empty.
    package let notices: [Notice]
    /// When it was put together.
    package let createdAt: Date
    /// When the next try is due; in the past if it is due now.
    package let dueAt: Date
    /// How often its delivery was tried.
    package let attempts: Int
    /// How far its delivery has come.
    package let state: DeliveryState
    /// Why the last try failed; nil if none did.
    package let lastError: String?

    /// Restores a batch that was recorded before; see the properties.
    package init(
        receiver: String, key: String, notices: [Notice], createdAt: Date, dueAt: Date, attempts: Int = 0,
        state: DeliveryState = .waiting, lastError: String? = nil
    ) {
        self.receiver = receiver
        self.key = key
        self.notices = notices
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.attempts = attempts
        self.state = state
        self.lastError = lastError
    }

    /// Puts `entries`, all for one receiver, into a batch that is due at `date`; nil if there are none.
    package init?(_ entries: [OutboxEntry], at date: Date) {
        guard let first = entries.first else { return nil }
        var key = first.notice.key
        if entries.count > 1 {
            var hasher = FieldHasher()
            hasher.add(list: entries.map(\.notice.key))
            key = "\(first.notice.stack):digest:\(hasher.finish().prefix(24))"
        }
        self.init(
            receiver: first.receiver, key: key, notices: entries.map(\.notice), createdAt: date, dueAt: date)
    }

    /// The only notice; nil if there are several.
    package var single: Notice? { notices.count == 1 ? notices.first : nil }

    /// The urgency of its most urgent notice.
    package var urgency: Notice.Urgency { notices.contains { $0.urgency == .page } ? .page : .digest }

    /// One line.
    package var title: String { single?.headline ?? "\(stack): \(notices.count) notices" }

    /// The stack that its notices are about.
    package var stack: String { notices.first?.stack ?? "" }

    /// Plain text: the notice, or a line for each.
    package var text: String { single?.text ?? lines(title) { "- \($0.headline)" } }

    /// Markdown: the notice, or a line for each.
    package var markdown: String {
        single?.markdown
            ?? lines("**\(Markdown.code(stack)): \(notices.count) notices**\n") { notice in
                "- \(Markdown.code(notice.headline, limit: 240))" + (notice.page.map { " <\($0)>" } ?? "")
            }
    }

    /// Markdown for a chat: at most 1900 scalars.
    package var briefMarkdown: String {
        single?.briefMarkdown
            ?? lines("**\(Markdown.code(stack)): \(notices.count) notices**\n", limit: 1860) { notice in
                "- \(Markdown.code(notice.headline, limit: 160))"
            }
    }

    private static let maximumLines = 30

    /// Pages first, then in the order of the notices; whole lines up to about `limit` scalars.
    private func lines(_ title: String, limit: Int = 8000, _ line: (Notice) -> String) -> String {
        let ordered = notices.filter { $0.urgency == .page } + notices.filter { $0.urgency == .digest }
        var (text, count) = (title, 0)
        for entry in ordered.prefix(Self.maximumLines).map(line) {
            guard text.unicodeScalars.count + entry.unicodeScalars.count < limit else { break }
            text += "\n" + entry
            count += 1
        }
        return count < ordered.count ? "\(text)\nand \(ordered.count - count) more" : text
    }
}
