// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation
import Synchronization

/// The bare repository of a mirror on disk.
struct MirrorFolder: Sendable {
    /// Its path.
    let path: String

    private static let replacing = Mutex(())
    private static let started = Date()

    /// The options that make git use this repository.
    var option: String { "--git-dir=\(path)" }

    /// The ref that keeps `revision` for ever.
    static func pin(of revision: String) -> String { "refs/canary/\(revision)" }

    /// Whether `revision` is kept; reads the file, because a crash may leave an empty one.
    func holds(_ revision: String) -> Bool {
        guard ObjectName.isWhole(revision),
            let pin = FileManager.default.contents(atPath: "\(path)/\(Self.pin(of: revision))")
        else { return false }
        return pin.starts(with: revision.utf8)
    }

    /// Whether everything that `create` creates exists.
    var isWhole: Bool {
        let files = FileManager.default
        return ["HEAD", "config"].allSatisfy { files.contents(atPath: "\(path)/\($0)")?.isEmpty == false }
            && ["objects", "refs"].allSatisfy { files.fileExists(atPath: "\(path)/\($0)") }
    }

    /// Creates the repository, of `format` `sha1` or `sha256`, unless it exists; replaces an incomplete one.
    ///
    /// Written as files, see gitrepository-layout(5): a process for each mirror slows down a first run of hundreds. Safe
    /// for concurrent callers.
    func create(format: String) throws(GitFailure) {
        if isWhole { return }
        let fresh = temporary()
        defer { fresh.remove() }
        do {
            try fresh.createEmpty(format: format)
            try replace(with: fresh)
        } catch {
            let reason = Disk.isFull(at: path) ? ReasonCode.environmentDiskFull : .environmentEngine
            throw GitFailure(reason: reason, detail: "`\(path)` cannot be created: \(error)")
        }
    }

    /// A repository next to this one, for `replace`.
    func temporary() -> MirrorFolder { MirrorFolder(path: "\(path).new-\(UUID().uuidString)") }

    /// Moves `fresh` here, unless another caller was first.
    func replace(with fresh: MirrorFolder) throws {
        try Self.replacing.withLock { _ in
            if isWhole { return }
            remove()
            try FileManager.default.moveItem(atPath: fresh.path, toPath: path)
        }
    }

    /// Removes it, if it exists.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Creates an empty repository at a path that does not exist.
    func createEmpty(format: String) throws {
        let files = FileManager.default
        for folder in ["objects", "refs"] {
            try files.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        var config = "[core]\n\trepositoryformatversion = \(format == "sha1" ? 0 : 1)\n\tbare = true\n"
        if format != "sha1" { config += "[extensions]\n\tobjectformat = \(format)\n" }
        try Data(config.utf8).write(to: URL(filePath: "\(path)/config"))
        try Data("ref: refs/heads/main\n".utf8).write(to: URL(filePath: "\(path)/HEAD"))
    }

    /// Makes trees of this repository name no programs; repositories of older versions do not have the file yet.
    func ignoreDrivers() throws(GitFailure) {
        let file = "\(path)/info/attributes"
        let wanted = Data("\(GitEnvironment.attributes)\n".utf8)
        guard FileManager.default.contents(atPath: file) != wanted else { return }
        do {
            try FileManager.default.createDirectory(atPath: "\(path)/info", withIntermediateDirectories: true)
            try wanted.write(to: URL(filePath: file), options: .atomic)
        } catch {
            let reason = Disk.isFull(at: path) ? ReasonCode.environmentDiskFull : .fetchCheckout
            throw GitFailure(reason: reason, detail: "`\(file)` cannot be written: \(error)")
        }
    }

    /// Removes the repository if git cannot use it; returns whether it did.
    func removeIfBroken(_ git: Git) async -> Bool {
        let check = [option, "rev-parse", "--is-bare-repository"]
        let answer = try? await git.run(check, within: git.limits.transfer, otherwise: .unknown)
        guard answer == nil, !Task.isCancelled else { return false }
        remove()
        return true
    }

    /// Removes what a killed git left behind: locks and incomplete packs.
    ///
    /// Git holds a lock for milliseconds, so one from before our start, or older than a minute, has no owner; a younger
    /// one may belong to another call.
    func removeStaleLocks() {
        let now = Date()
        // Evaluated here, not at the first lock: our start must be before our first fetch.
        let stale = max(Self.started, now - 60)
        let files = FileManager.default
        for folder in [path, "\(path)/refs", "\(path)/refs/canary"] {
            for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".lock") {
                remove("\(folder)/\(name)", before: stale)
            }
        }
        let fetched = "\(path)/\(MirrorTransfer.fetched)"
        for name in files.subpaths(atPath: fetched) ?? [] where name.hasSuffix(".lock") {
            remove("\(fetched)/\(name)", before: stale)
        }
        let packs = "\(path)/objects/pack"
        for name in (try? files.contentsOfDirectory(atPath: packs)) ?? []
        where name.hasPrefix("tmp_") || name.hasPrefix(".tmp-") {
            remove("\(packs)/\(name)", before: now - 7200)
        }
    }

    /// Removes all packs that did not arrive as a whole, whoever fetches them.
    func removeIncompletePacks() {
        let packs = "\(path)/objects/pack"
        for name in Folder.names(in: packs) where name.hasPrefix("tmp_") { unlink("\(packs)/\(name)") }
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
