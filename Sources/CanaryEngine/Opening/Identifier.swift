// SPDX-License-Identifier: Apache-2.0

import CanaryText
package import Foundation

/// Makes ids: the letter of the kind, the UTC second, and eight random digits, as in `r261121193005-4f3a9c1b`.
///
/// Ids of one kind sort by time and have one length, so that folders named after them do not change the layout of
/// binaries.
package enum Identifier {
    /// What an id is of, with its letter.
    package enum Kind: String, Sendable {
        /// A run.
        case run = "r"
        /// An attempt.
        case attempt = "a"
        /// An episode.
        case episode = "e"
        /// A request.
        case request = "q"
        /// A search.
        case search = "s"
    }

    /// A new id of this kind, made at `date`.
    package static func make(_ kind: Kind, at date: Date) -> String {
        let stamp = date.compactText.filter(\.isNumber).dropFirst(2)
        let suffix = padded(String(UInt32.random(in: .min ... .max), radix: 16), to: 8)
        return "\(kind.rawValue)\(stamp)-\(suffix)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
