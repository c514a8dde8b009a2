// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// A file with one line for each source whose tree was hashed.
///
/// Each line is appended by a single write and ends with a fixed word, so that concurrent writers or a crash cause at
/// worst a line that is ignored.
struct SourceStore {
    /// The file; it need not exist.
    let path: String

    private static let end = "end"

    /// The stored source of the `part` of `revision`; nil if there is none.
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

    /// Stores `source`; does nothing if the file cannot be written.
    func add(_ source: Source, part: String) {
        let time = Int(source.committedAt.timeIntervalSince1970)
        let line = "\n\(source.revision) \(part) \(source.tree) \(time) \(Self.end)\n"
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        _ = Array(line.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}
