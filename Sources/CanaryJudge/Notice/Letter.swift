// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// What is sent at once: one notice, or several in one.
package struct Letter: Hashable, Sendable {
    /// Its idempotency key: the notice's own when there is one notice.
    package let key: String
    /// What is in it, oldest first; never empty.
    package let notices: [Notice]

    /// Puts notices into one letter; nil for none.
    package init?(_ notices: [Notice]) {
        guard let first = notices.first else { return nil }
        self.notices = notices
        if notices.count == 1 {
            key = first.key
        } else {
            var hasher = FieldHasher()
            hasher.add(list: notices.map(\.key))
            key = "\(first.stack):digest:\(hasher.finish().prefix(24))"
        }
    }

    /// A letter under a key that was given to it before.
    package init(key: String, notices: [Notice]) {
        self.key = key
        self.notices = notices
    }

    /// The only notice; nil where there are several.
    package var single: Notice? { notices.count == 1 ? notices.first : nil }

    /// How soon somebody should read it.
    package var urgency: Message.Urgency { notices.contains { $0.urgency == .page } ? .page : .digest }

    /// One line.
    package var title: String { single?.headline ?? "\(stack): \(notices.count) notices" }

    /// The stack it tells of.
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

    private static let shown = 30

    /// Pages first, then in the order they came; whole lines up to about `limit` scalars.
    private func lines(_ title: String, limit: Int = 8000, _ line: (Notice) -> String) -> String {
        let ordered = notices.filter { $0.urgency == .page } + notices.filter { $0.urgency == .digest }
        var (text, count) = (title, 0)
        for entry in ordered.prefix(Self.shown).map(line) {
            guard text.unicodeScalars.count + entry.unicodeScalars.count < limit else { break }
            text += "\n" + entry
            count += 1
        }
        return count < ordered.count ? "\(text)\nand \(ordered.count - count) more" : text
    }
}
