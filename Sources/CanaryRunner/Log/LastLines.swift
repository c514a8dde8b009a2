// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation

/// The last lines of a log, for people.
package enum LastLines {
    /// At most eight lines of the file at `path`, without terminal escapes, each after two spaces.
    package static func of(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "  (it printed nothing)" }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: size > 4096 ? size - 4096 : 0)
        let text = PlainText.of(Array((try? file.readToEnd()) ?? Data()))
        let lines = text.split(whereSeparator: \.isNewline).suffix(8).map { "  \($0)" }
        return lines.isEmpty ? "  (it printed nothing)" : lines.joined(separator: "\n")
    }
}
