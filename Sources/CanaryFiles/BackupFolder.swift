// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// The folder of the daemon's backups, each named `canary-<UTC time>.sqlite`, so that names sort by time.
package struct BackupFolder: Sendable {
    private let path: String
    private let keep: Int

    /// Names the folder that `backup` describes.
    ///
    /// - Parameter stackFolder: the base of a relative path.
    package init(_ backup: Backup, stackFolder: String) {
        path = backup.folder.hasPrefix("/") ? backup.folder : "\(stackFolder)/\(backup.folder)"
        keep = max(1, backup.keep)
    }

    /// When the newest backup was made; nil if there is none.
    package var newest: Date? {
        guard let name = names.last else { return nil }
        let values = try? URL(fileURLWithPath: "\(path)/\(name)").resourceValues(forKeys: [.contentModificationDateKey])
        return values?.contentModificationDate
    }

    /// The path of a backup made at `date`; creates the folder.
    ///
    /// - Throws: when the folder cannot be created.
    package func path(for date: Date) throws(FolderFailure) -> String {
        try Folder.make(path)
        return "\(path)/canary-\(date.compactText).sqlite"
    }

    /// Removes the oldest backups, except as many as are to be kept.
    package func prune() {
        for name in names.dropLast(keep) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    }

    private var names: [String] {
        Folder.names(in: path).filter { $0.wholeMatch(of: /canary-[0-9]{8}T[0-9]{6}Z\.sqlite/) != nil }.sorted()
    }
}
