// SPDX-License-Identifier: Apache-2.0

import CanaryPages
package import Foundation
import Glibc

/// A folder that holds a site.
package struct SiteFolder: Sendable {
    /// The result of `replace`.
    package struct Change: Hashable, Sendable {
        /// Number of files that are new or changed.
        package let written: Int
        /// Number of files of the previous site that were removed.
        package let removed: Int
    }

    /// The file that lists our files, so that nothing else in the folder is ever removed.
    private static let list = ".canary-site"

    private let path: String

    /// The folder at `path`, whether or not it exists.
    package init(path: String) { self.path = path }

    /// Writes `files`, by path: each is replaced atomically, and files of the previous site are removed.
    ///
    /// - Throws: `SiteFolderError` if the folder or a file cannot be written.
    package func replace(with files: [String: Data]) throws -> Change {
        let before = earlier()
        try makeFolder(path)
        // Written first: a file must be listed even if we are killed right after creating it.
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
            // An edited list must not make us remove files elsewhere.
            !name.hasPrefix("/") && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }
    }

    private func write(_ content: Data, to name: String) throws {
        let target = "\(path)/\(name)"
        try makeFolder((target as NSString).deletingLastPathComponent)
        do {
            try content.write(to: URL(fileURLWithPath: target), options: .atomic)
            chmod(target, 0o644)
        } catch {
            throw SiteFolderError(
                text: "cannot write `\(target)`: \(String(cString: strerror(errno)).lowercased())")
        }
    }

    /// Readable for the web server, whatever the umask is.
    private func makeFolder(_ folder: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue { return }
        if folder != path { try makeFolder((folder as NSString).deletingLastPathComponent) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            chmod(folder, 0o755)
        } catch {
            throw SiteFolderError(text: "cannot create the folder `\(folder)`")
        }
    }

    private func removeEmptyFolders(above name: String) {
        var folder = (name as NSString).deletingLastPathComponent
        while !folder.isEmpty, rmdir("\(path)/\(folder)") == 0 {
            folder = (folder as NSString).deletingLastPathComponent
        }
    }
}

/// The site cannot be written to the folder.
package struct SiteFolderError: Error, Hashable {
    /// The message: lower case, without a final full stop.
    package let text: String
}
