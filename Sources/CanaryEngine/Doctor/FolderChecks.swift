// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryRunner
import CanaryText
import Foundation
import Glibc

/// The checks of the state folder, its disk, and the clock.
struct FolderChecks {
    let state: StateFolder
    /// `limits: {store}`, how large the folder may become; nil if the manifests cannot be read.
    let store: ByteSize?

    /// The checks of the folder and the space on its disk.
    func run() -> [HealthCheck] {
        guard FileManager.default.fileExists(atPath: state.path) else {
            return [.ok("state", "`\(state.path)` is created by the first run"), space(used: 0)]
        }
        return [folder(), space(used: DiskUse.of(state.path).bytes)] + quota()
    }

    /// Whether attempts get quotas, where the file system has them.
    private func quota() -> [HealthCheck] {
        guard let quota = ProjectQuota(state: state) else { return [] }
        let missing = quota.missingTools
        guard missing.isEmpty else {
            return [
                HealthCheck(
                    "quota", .warning,
                    "`\(quota.mountPoint)` has quotas of projects, but there is no \(quotedList(missing))",
                    hint: "install e2fsprogs and quota: the kernel then enforces `limits: {disk}` of each attempt")
            ]
        }
        return [.ok("quota", "each attempt gets a quota of its own on `\(quota.mountPoint)`")]
    }

    private func folder() -> HealthCheck {
        do throws(StateFolderRefusal) { try state.requirePrivate() } catch {
            return HealthCheck("state", .error, error.text, hint: error.hint)
        }
        guard access(state.path, W_OK) == 0 else {
            let why = String(cString: strerror(errno))
            return HealthCheck(
                "state", .error, "`\(state.path)` cannot be written: \(why)",
                hint: "correct its mode, or use `--state` to choose another folder")
        }
        return .ok("state", "`\(state.path)` belongs to you, and nobody else can change it")
    }

    /// Whether the disk has space for what the folder may grow to.
    private func space(used: Int) -> HealthCheck {
        var status = statvfs()
        guard statvfs(existing(state.path), &status) == 0 else {
            let why = String(cString: strerror(errno))
            return HealthCheck("disk", .error, "`\(state.path)` cannot be inspected: \(why)", hint: "check the disk")
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let text = "\(used.sizeText) used, \(free.sizeText) free"
        let freeSpace = "free some space, or use `--state` to choose another folder"
        if free < 64 << 20 { return HealthCheck("disk", .error, text, hint: freeSpace) }
        // File systems without an inode table report 0.
        if status.f_files > 0, status.f_favail < 1000 {
            return HealthCheck("disk", .error, "\(text), and only \(status.f_favail) inodes", hint: freeSpace)
        }
        guard let store else { return .ok("disk", text) }
        if used > store.bytes {
            return HealthCheck(
                "disk", .warning, "\(text), more than `store: \(store)`",
                hint: "`canary gc` removes what is no longer needed")
        }
        guard store.bytes - used <= free else {
            return HealthCheck(
                "disk", .warning, "\(text), less than `store: \(store)` allows the folder to grow",
                hint: "lower `limits: {store: ...}` in `stack.yaml`, or free some space")
        }
        return .ok("disk", text)
    }

    /// The nearest folder at or above `path` that exists.
    private func existing(_ path: String) -> String {
        var candidate = path
        while candidate != "/", !FileManager.default.fileExists(atPath: candidate) {
            candidate = (candidate as NSString).deletingLastPathComponent
        }
        return candidate
    }

    /// Our clock, compared with the newest record and with the clock of the disk.
    func clock(now: Date, newestRecord: Date?) -> HealthCheck {
        if let newestRecord, now < newestRecord - 5 {
            let seconds = Int(newestRecord.timeIntervalSince(now))
            return HealthCheck(
                "clock", .error, "the system clock is \(seconds) s behind the newest record",
                hint: "set the clock: runs are ordered by it, and new records would be the older ones")
        }
        guard let written = fileTime() else { return .ok("clock", "not behind the newest record") }
        let offset = abs(written.timeIntervalSince(Date()))
        guard offset < 5 else {
            return HealthCheck(
                "clock", .warning, "the clock of the state folder's disk differs by \(Int(offset)) s",
                hint: "set both clocks from the same source")
        }
        return .ok("clock", "not behind the newest record, and in agreement with the disk's clock")
    }

    /// The time that the file system gives to a new file; nil if none can be created.
    private func fileTime() -> Date? {
        let path = "\(state.path)/.clock-\(getpid())"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer {
            close(file)
            unlink(path)
        }
        var found = stat()
        guard fstat(file, &found) == 0 else { return nil }
        return Date(timeIntervalSince1970: Double(found.st_mtim.tv_sec) + Double(found.st_mtim.tv_nsec) / 1e9)
    }
}
