// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// The failure of a git command.
package struct GitFailure: Error, Hashable, CustomStringConvertible {
    /// The reason that an attempt which needed it ends with.
    package let reason: ReasonCode
    /// What git printed, in one line, without passwords and control characters.
    package let detail: String

    /// Makes a failure; `detail` is cleaned.
    package init(reason: ReasonCode, detail: String) {
        self.reason = reason
        self.detail = GitWords.cleaned(detail)
    }

    package var description: String { "\(reason.sentence): \(detail)" }
}

/// The messages of git, as data: it has hardly any exit codes, so only its messages, fixed by `LC_ALL=C`, distinguish
/// failures.
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
        ("from promisor remote", .fetchRevisionMissing),
        ("fsck error in pack", .fetchCheckout),
        ("attempting to allocate", .fetchCheckout),
    ]

    private static let noise = [
        "hint:", "warning:", "Please make sure you have the correct access rights", "and the repository exists.",
    ]

    /// The failure in the standard error of git; its reason is `otherwise` if no message is known.
    static func failure(in errors: [UInt8], otherwise: ReasonCode) -> GitFailure {
        let text = String(decoding: errors, as: UTF8.self)
        let reason = meanings.first { text.contains($0.words) }?.reason ?? otherwise
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " } }
            .filter { line in !line.isEmpty && !noise.contains { line.hasPrefix($0) } }
        let explained = lines.lazy.compactMap { malformedObject($0) ?? missingObject($0) }.first
        return GitFailure(reason: reason, detail: explained ?? lines.suffix(3).joined(separator: "; "))
    }

    /// What a line says about an object that a partial clone lacks; nil if it is another line.
    private static func missingObject(_ line: Substring) -> String? {
        guard line.contains("promisor remote"),
            let match = line.firstMatch(of: /could not fetch (?<name>[0-9a-f]{40,64}) from promisor remote/)
        else { return nil }
        return
            "the repository is a partial clone that lacks the object `\(match.name)`, and its remote does not give it; "
            + "hint: `git fetch --refetch --no-filter` gets all objects"
    }

    /// What a line of a refused fetch says about an object; nil if it is another line.
    private static func malformedObject(_ line: Substring) -> String? {
        // An expression is parsed anew for each line, which costs more than all else that is done with one.
        guard line.hasPrefix("error: object "),
            let match = line.wholeMatch(of: /error: object (?<name>[0-9a-f]{40,64}): (?<id>[A-Za-z0-9]+): (?<text>.+)/)
        else { return nil }
        return
            "git refuses the object `\(match.name)` of the repository: \(match.text) (`\(match.id)`); hint: if you trust "
            + "it, accept that with `git config --global fetch.fsck.\(match.id) warn`"
    }

    /// `text` in one line, without terminal escapes, control characters and passwords in addresses.
    static func cleaned(_ text: String) -> String {
        guard !isClean(text) else { return text }
        let visible = PlainText.of(text.utf8)
            .unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        var line = String(String.UnicodeScalarView(visible))
        // User and password for http, where a name alone may be a token; `git@host` of ssh is not secret.
        line.replace(/(?<scheme>https?:\/\/)[^\/\s]*@/) { "\($0.scheme)***@" }
        line.replace(/(?<start>:\/\/[^\/\s:@]+):[^\/\s]*@/) { "\($0.start):***@" }
        return line
    }

    /// Whether `text` has no control character and no address, like nearly all subjects and authors of a long log.
    private static func isClean(_ text: String) -> Bool {
        // 0xC2 starts the control characters beyond ASCII, and some letters.
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 } && !text.contains("://")
    }
}
