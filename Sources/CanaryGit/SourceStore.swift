// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// A file of one line per source whose tree was hashed before.
///
/// Each line is appended by a single write and ends with a word, so that concurrent writers and a crash leave nothing
/// worse than a line that is not read.
struct SourceStore {
    /// The file; it need not exist.
    let path: String

    private static let end = "end"

    /// What is known of the `part` of `revision`.
    func source(of revision: String, part: String) -> Source? {
        guard let content = FileManager.default.contents(atPath: path),
            let start = content.range(of: Data("\n\(revision) \(part) ".utf8), options: .backwards)
        else { return nil }
        let line = content[start.upperBound...].prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count == 3, words[2] == Self.end, ObjectName.isWhole(String(words[0])), let time = Int(words[1])
        else { return nil }
        return Source(
            revision: revision, tree: String(words[0]), committedAt: Date(timeIntervalSince1970: TimeInterval(time)))
    }

    /// Remembers `source`; a store that cannot be written forgets.
    func add(_ source: Source, part: String) {
        let time = Int(source.committedAt.timeIntervalSince1970)
        let line = "\n\(source.revision) \(part) \(source.tree) \(time) \(Self.end)\n"
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        _ = Array(line.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}
