// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation

extension Notice {
    private static let textLimit = 2000
    private static let markdownLimit = 12_000
    private static let briefLimit = 1900

    /// One line: what a digest or the title of an issue says.
    package var headline: String { SanitizedText.line(plainWording.headline, limit: 240) }

    /// The command that prints a script of the failure; nil without an attempt that shows it.
    package var reproduceCommand: String? { attempt.map { "canary reproduce \($0)" } }

    /// The command that mutes the job for a week.
    package var muteCommand: String { "canary mute \(job) --until \(at.addingTimeInterval(7 * 86400).day)" }

    /// Plain text for a small screen: the headline, then a line for each fact; at most 2000 scalars.
    package var text: String {
        let wording = plainWording
        return fitted([wording.headline] + wording.lines.map { "\($0.label): \($0.value)" }, limit: Self.textLimit)
    }

    /// The same as Markdown, with full revisions; at most 12 000 scalars.
    ///
    /// All text from outside is formatted as code, where nothing is a mention or a link. Only `owners`, which come from
    /// the manifests, are mentioned.
    package var markdown: String {
        let mentions = mentions.isEmpty ? [] : ["", "For \(mentions.joined(separator: ", "))"]
        return fitted(markdownLines(digits: 64) + mentions, limit: Self.markdownLimit)
    }

    /// Markdown for a chat: with short revisions and without mentions; at most 1900 scalars.
    package var briefMarkdown: String { fitted(markdownLines(digits: 12), limit: Self.briefLimit) }

    private func markdownLines(digits: Int) -> [String] {
        let wording = NoticeWording(
            notice: self, quote: { Markdown.code($0, limit: $1) }, link: { "<\($0)>" }, digits: digits)
        return ["**\(wording.headline)**", ""] + wording.lines.map { "- \($0.label): \($0.value)" }
    }

    private var plainWording: NoticeWording {
        NoticeWording(notice: self, quote: { SanitizedText.line($0, limit: $1) }, link: { $0 }, digits: 12)
    }

    /// The owners that a forge can notify.
    private var mentions: [String] {
        owners.filter { $0.wholeMatch(of: /@[A-Za-z0-9][A-Za-z0-9-]*(\/[A-Za-z0-9._-]+)?/) != nil }
    }

    /// Whole lines up to `limit` scalars.
    private func fitted(_ lines: [String], limit: Int) -> String {
        var text = ""
        for line in lines {
            guard text.unicodeScalars.count + line.unicodeScalars.count < limit else { break }
            text += text.isEmpty ? line : "\n" + line
        }
        return text
    }
}
