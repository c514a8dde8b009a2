// SPDX-License-Identifier: Apache-2.0

import CanaryPages
package import Foundation
import Glibc

/// A folder that holds a site.
package struct SiteFolder: Sendable {
    /// What `replace` did.
    package struct Change: Hashable, Sendable {
        /// Files that are new or differ from before.
        package let written: Int
        /// Files of an earlier site that are gone.
        package let removed: Int
    }

    /// Names the files of ours, so that nothing else in the folder is ever removed.
    private static let list = ".canary-site"

    private let path: String

    /// The folder at `path`, whether or not it is there.
    package init(path: String) { self.path = path }

    /// Makes the folder hold `files`, by path: each is replaced at one instant, those of an earlier site are removed.
    ///
    /// - Throws: `SiteFolderError`.
    package func replace(with files: [String: Data]) throws -> Change {
        let before = earlier()
        try makeFolder(path)
        // Written first: a file that is made must be known whenever we are killed.
        try write(Data(Set(before).union(files.keys).sorted().joined(separator: "\n").utf8), to: Self.list)
        var written = 0
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            if (try? Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))) == content { continue }
            try write(content, to: name)
            written += 1
        }
        var removed = 0
        for name in before where files[name] == nil && unlink("\(path)/\(name)") == 0 {
            removed += 1
            removeEmptyFolders(above: name)
        }
        try write(Data(files.keys.sorted().joined(separator: "\n").utf8), to: Self.list)
        return Change(written: written, removed: removed)
    }

    private func earlier() -> [String] {
        let text = (try? String(contentsOfFile: "\(path)/\(Self.list)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init).filter { name in
            // Whoever edits the list must not make us remove files elsewhere.
            !name.hasPrefix("/") && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }
    }

    private func write(_ content: Data, to name: String) throws {
        let target = "\(path)/\(name)"
        try makeFolder((target as NSString).deletingLastPathComponent)
        do {
            // Into a file beside it, which is then renamed.
            try content.write(to: URL(fileURLWithPath: target), options: .atomic)
            chmod(target, 0o644)
        } catch {
            throw SiteFolderError(
                text: "`\(target)` cannot be written: \(String(cString: strerror(errno)).lowercased())")
        }
    }

    private func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw SiteFolderError(text: "the folder `\(folder)` cannot be made")
        }
    }

    private func removeEmptyFolders(above name: String) {
        var folder = (name as NSString).deletingLastPathComponent
        while !folder.isEmpty, rmdir("\(path)/\(folder)") == 0 {
            folder = (folder as NSString).deletingLastPathComponent
        }
    }
}

/// The folder cannot take the site.
package struct SiteFolderError: Error, Hashable {
    /// What happened: lower case, without a final stop.
    package let text: String
}
