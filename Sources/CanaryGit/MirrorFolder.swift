// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation
import Synchronization

/// The bare repository of a mirror on the disk.
struct MirrorFolder: Sendable {
    /// Where it lies.
    let path: String

    private static let placing = Mutex(())
    private static let started = Date()

    /// The options that make git use this repository.
    var option: String { "--git-dir=\(path)" }

    /// The name under which `revision` is kept for ever.
    static func pin(of revision: String) -> String { "refs/canary/\(revision)" }

    /// Whether `revision` is pinned; the file is read, because a crash may leave an empty one.
    func holds(_ revision: String) -> Bool {
        guard ObjectName.isWhole(revision),
            let pin = FileManager.default.contents(atPath: "\(path)/\(Self.pin(of: revision))")
        else { return false }
        return pin.starts(with: revision.utf8)
    }

    /// Whether everything is there that `make` makes.
    var isWhole: Bool {
        let files = FileManager.default
        return ["HEAD", "config"].allSatisfy { files.contents(atPath: "\(path)/\($0)")?.isEmpty == false }
            && ["objects", "refs"].allSatisfy { files.fileExists(atPath: "\(path)/\($0)") }
    }

    /// Makes the repository, of `format` `sha1` or `sha256`, unless it is there; a half-made one is replaced.
    ///
    /// Of files, as gitrepository-layout(5) describes them: a process for each mirror is felt in a first run of
    /// hundreds. Safe for concurrent callers.
    func make(format: String) throws(GitFailure) {
        if isWhole { return }
        let fresh = beside()
        defer { fresh.remove() }
        do {
            try fresh.makeEmpty(format: format)
            try take(fresh)
        } catch {
            let reason = Disk.isFull(at: path) ? ReasonCode.environmentDiskFull : .environmentEngine
            throw GitFailure(reason: reason, detail: "`\(path)` cannot be made: \(error)")
        }
    }

    /// A place for a repository that `take` may move here.
    func beside() -> MirrorFolder { MirrorFolder(path: "\(path).new-\(UUID().uuidString)") }

    /// Moves `fresh` here, unless another caller was first.
    func take(_ fresh: MirrorFolder) throws {
        try Self.placing.withLock { _ in
            if isWhole { return }
            remove()
            try FileManager.default.moveItem(atPath: fresh.path, toPath: path)
        }
    }

    /// Removes all of it, if it is there.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Makes an empty repository where nothing is.
    func makeEmpty(format: String) throws {
        let files = FileManager.default
        for folder in ["objects", "refs"] {
            try files.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        var config = "[core]\n\trepositoryformatversion = \(format == "sha1" ? 0 : 1)\n\tbare = true\n"
        if format != "sha1" { config += "[extensions]\n\tobjectformat = \(format)\n" }
        try Data(config.utf8).write(to: URL(filePath: "\(path)/config"))
        try Data("ref: refs/heads/main\n".utf8).write(to: URL(filePath: "\(path)/HEAD"))
    }

    /// Removes the repository if git itself cannot use it; tells whether it did.
    func removeIfBroken(asked git: Git) async -> Bool {
        let question = [option, "rev-parse", "--is-bare-repository"]
        let answer = try? await git.run(question, within: git.limits.transfer, otherwise: .unknown)
        guard answer == nil, !Task.isCancelled else { return false }
        remove()
        return true
    }

    /// Removes what a git that was killed left behind: locks, and halves of packs.
    ///
    /// Git holds a lock for milliseconds, so one from before our start, or a minute old, has no owner; a younger one
    /// may belong to another call of ours.
    func removeStaleLocks() {
        let now = Date()
        // Asked for here, not when the first lock is seen: our start is before our first fetch.
        let stale = max(Self.started, now - 60)
        let files = FileManager.default
        for folder in [path, "\(path)/refs", "\(path)/refs/canary"] {
            for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".lock") {
                remove("\(folder)/\(name)", before: stale)
            }
        }
        let fetched = "\(path)/\(Mirror.fetched)"
        for name in files.subpaths(atPath: fetched) ?? [] where name.hasSuffix(".lock") {
            remove("\(fetched)/\(name)", before: stale)
        }
        let packs = "\(path)/objects/pack"
        for name in (try? files.contentsOfDirectory(atPath: packs)) ?? []
        where name.hasPrefix("tmp_") || name.hasPrefix(".tmp-") {
            remove("\(packs)/\(name)", before: now - 7200)
        }
    }

    private func remove(_ file: String, before time: Date) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        guard let written = attributes?[.modificationDate] as? Date, written < time else { return }
        unlink(file)
    }
}

/// The hexadecimal name of a git object.
enum ObjectName {
    /// Whether `text` is a whole SHA-1 or SHA-256 name in lower case.
    static func isWhole(_ text: String) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64) && isHexadecimal(text)
    }

    /// Whether `text` can be the beginning of a name.
    static func isBeginning(_ text: String) -> Bool {
        (4...64).contains(text.utf8.count) && isHexadecimal(text)
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
}
