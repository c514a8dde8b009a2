// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryModel
package import Foundation

/// Lists and removes the contents of a state folder.
package struct StateContents: Sendable {
    private let state: StateFolder

    /// An item in the state folder.
    package struct Found: Hashable, Sendable {
        /// What it is.
        package let item: StateItem
        /// Its size on disk.
        package let use: DiskUse
    }

    /// The contents of `state`, which need not exist.
    package init(state: StateFolder) { self.state = state }

    /// Everything that may be removed, and the bytes of everything else.
    ///
    /// - Parameter now: incomplete mirrors of the last two hours are not leftovers, because a `plan` may be writing them.
    package func survey(now: Date) -> (found: [Found], otherBytes: Int) {
        let found = (prefixes + logs + caches + mirrors(now: now)).map { item in
            Found(item: item, use: DiskUse.of("\(state.path)/\(item.path)"))
        }
        return (found, max(0, DiskUse.of(state.path).bytes - found.reduce(0) { $0 + $1.use.bytes }))
    }

    /// Removes `item`; returns whether nothing is left of it.
    ///
    /// A mirror is renamed first: a kill leaves a leftover, never a half removed mirror.
    package func remove(_ item: StateItem) -> Bool {
        let path = "\(state.path)/\(item.path)"
        switch item {
        case .log, .leftover: return Folder.remove(path)
        case .prefix, .compilerCache:
            defer { rmdir((path as NSString).deletingLastPathComponent) }
            return Folder.remove(path)
        case .mirror:
            let aside = "\(path)\(Self.aside)\(UUID().uuidString)"
            return rename(path, aside) == 0 ? Folder.remove(aside) : errno == ENOENT
        }
    }

    /// Whether the prefix of a build was rebuilt since `date`.
    package func isNewer(project: String, key: String, than date: Date) -> Bool {
        var found = stat()
        guard stat(state.prefix(of: project, key: key), &found) == 0 else { return false }
        return Double(found.st_mtim.tv_sec) + Double(found.st_mtim.tv_nsec) / 1e9 > date.timeIntervalSince1970
    }

    private static let aside = ".old-"
    private static let fresh = ".new-"

    private var prefixes: [StateItem] {
        PrefixStore(state: state).stored().map { .prefix(project: $0.project, key: $0.key) }
    }

    private var logs: [StateItem] { Folder.names(in: state.attempts).sorted().map { .log(attempt: $0) } }

    private var caches: [StateItem] {
        let folder = "\(state.path)/ccache"
        return Folder.folders(in: folder).sorted().flatMap { project in
            Folder.names(in: "\(folder)/\(project)").sorted().map { .compilerCache(project: project, variant: $0) }
        }
    }

    private func mirrors(now: Date) -> [StateItem] {
        Folder.names(in: "\(state.path)/mirrors").sorted().compactMap { name in
            if name.hasSuffix(".git") { return .mirror(project: String(name.dropLast(4))) }
            let path = "mirrors/\(name)"
            if name.contains(".git\(Self.aside)") { return .leftover(path: path) }
            guard name.contains(".git\(Self.fresh)") else { return nil }
            return DiskUse.of("\(state.path)/\(path)").writtenAt < now - 7200 ? .leftover(path: path) : nil
        }
    }
}
