// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// Why git did not do what was asked.
package struct GitFailure: Error, Hashable, CustomStringConvertible {
    /// The reason an attempt that needed it ends with.
    package let reason: ReasonCode
    /// What git said, in one line, without passwords and without control characters.
    package let detail: String

    /// Makes a failure; `detail` is cleaned.
    package init(reason: ReasonCode, detail: String) {
        self.reason = reason
        self.detail = GitWords.cleaned(detail)
    }

    package var description: String { "\(reason.sentence): \(detail)" }
}

/// What git prints for people, read for machines: it has exit codes for next to nothing, so its words, fixed by
/// `LC_ALL=C`, are all there is to tell one failure from another.
enum GitWords {
    private static let meanings: [(words: String, reason: ReasonCode)] = [
        ("No space left on device", .environmentDiskFull),
        ("Disk quota exceeded", .environmentDiskFull),
        ("Operation too slow", .fetchTimeout),
        ("timed out", .fetchTimeout),
        ("not our ref", .fetchRevisionMissing),
        ("unadvertised object", .fetchRevisionMissing),
        ("couldn't find remote ref", .fetchRevisionMissing),
        ("remote did not send all necessary objects", .fetchRevisionMissing),
    ]

    private static let noise = [
        "hint:", "warning:", "Please make sure you have the correct access rights", "and the repository exists.",
    ]

    /// The failure told by what git printed on standard error; `otherwise` when the words say nothing special.
    static func failure(in errors: [UInt8], otherwise: ReasonCode) -> GitFailure {
        let text = String(decoding: errors, as: UTF8.self)
        let reason = meanings.first { text.contains($0.words) }?.reason ?? otherwise
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " } }
            .filter { line in !line.isEmpty && !noise.contains { line.hasPrefix($0) } }
        return GitFailure(reason: reason, detail: lines.suffix(3).joined(separator: "; "))
    }

    /// `text` in one line, without terminal escapes, control characters and passwords in addresses.
    static func cleaned(_ text: String) -> String {
        guard !isClean(text) else { return text }
        let visible = PlainText.of(text.utf8)
            .unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        var line = String(String.UnicodeScalarView(visible))
        // All of it for the web, where a name alone may be a token; `git@host` of ssh tells nothing.
        line.replace(/(?<scheme>https?:\/\/)[^\/\s]*@/) { "\($0.scheme)***@" }
        line.replace(/(?<start>:\/\/[^\/\s:@]+):[^\/\s]*@/) { "\($0.start):***@" }
        return line
    }

    /// Whether `text` has no control character and no address, as nearly all subjects and authors of a long log.
    private static func isClean(_ text: String) -> Bool {
        // With 0xC2 begin the control characters beyond ASCII, and some letters that are none.
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 } && !text.contains("://")
    }
}
