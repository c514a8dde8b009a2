// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// The copies of history that the daemon makes: `canary-<UTC time>.sqlite`, which sorts by time.
struct BackupFolder {
    private let path: String
    private let keep: Int

    /// - Parameter stackFolder: what a relative folder is taken from.
    init(_ backup: Backup, stackFolder: String) {
        path = backup.folder.hasPrefix("/") ? backup.folder : "\(stackFolder)/\(backup.folder)"
        keep = max(1, backup.keep)
    }

    /// When the newest copy was made; nil while there is none.
    var newest: Date? {
        guard let name = names.last else { return nil }
        let values = try? URL(fileURLWithPath: "\(path)/\(name)").resourceValues(forKeys: [.contentModificationDateKey])
        return values?.contentModificationDate
    }

    /// The file for a copy made at `date`; makes the folder.
    ///
    /// - Throws: `EngineError` `stateFolder` when the folder cannot be made.
    func place(for date: Date) throws -> String {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw EngineError(.stateFolder, "the folder `\(path)` of backups cannot be made")
        }
        return "\(path)/canary-\(date.compactText).sqlite"
    }

    /// Removes the oldest copies beyond those to keep.
    func prune() {
        for name in names.dropLast(keep) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    }

    private var names: [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return all.filter { $0.wholeMatch(of: /canary-[0-9]{8}T[0-9]{6}Z\.sqlite/) != nil }.sorted()
    }
}
