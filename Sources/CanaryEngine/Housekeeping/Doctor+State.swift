// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation
import Glibc

extension Doctor {
    /// The checks of the folder and its disk.
    func stateChecks() -> [HealthCheck] {
        guard FileManager.default.fileExists(atPath: state.path) else {
            return [.ok("state", "`\(state.path)` is made by the first run"), room(taken: 0)]
        }
        return [folderCheck(), room(taken: DiskUse.of(state.path).bytes)]
    }

    private func folderCheck() -> HealthCheck {
        do throws(EngineError) {
            try StateOwner.demand(state)
        } catch {
            return HealthCheck("state", .error, error.text, hint: error.hint)
        }
        guard access(state.path, W_OK) == 0 else {
            let why = String(cString: strerror(errno))
            return HealthCheck(
                "state", .error, "`\(state.path)` cannot be written: \(why)",
                hint: "correct its mode, or name a folder you may write to with `--state`")
        }
        return .ok("state", "`\(state.path)` is yours")
    }

    /// Whether the disk has room for what the folder may grow to.
    private func room(taken: Int) -> HealthCheck {
        var status = statvfs()
        guard statvfs(existing(state.path), &status) == 0 else {
            let why = String(cString: strerror(errno))
            return HealthCheck("disk", .error, "`\(state.path)` cannot be looked at: \(why)", hint: "check the disk")
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let text = "\(taken.sizeText) taken, \(free.sizeText) free"
        let makeRoom = "make room, or name another folder with `--state`"
        if free < 64 << 20 { return HealthCheck("disk", .error, text, hint: makeRoom) }
        // Some file systems have no table of them, and say 0.
        if status.f_files > 0, status.f_favail < 1000 {
            return HealthCheck("disk", .error, "\(text), and only \(status.f_favail) inodes", hint: makeRoom)
        }
        guard let store = stack?.limits.store else { return .ok("disk", text) }
        if taken > store.bytes {
            return HealthCheck(
                "disk", .warning, "\(text), beyond `store: \(store)`", hint: "`canary gc` removes what nobody needs")
        }
        guard store.bytes - taken <= free else {
            return HealthCheck(
                "disk", .warning, "\(text), less than the folder may grow by: `store` is \(store)",
                hint: "lower `limits: {store: ...}` in `stack.yaml`, or make room")
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

    /// Our clock against history's newest row, and against the clock of the file system.
    func clock(newestRow: Date?) -> HealthCheck? {
        if let newestRow, now < newestRow - 5 {
            return HealthCheck(
                "clock", .error, "it is \(Int(newestRow.timeIntervalSince(now))) s before the newest row in history",
                hint: "set the clock: runs are ordered by it, and what is recorded now would be the older")
        }
        guard let written = fileTime() else { return .ok("clock", "not before the newest row in history") }
        let offset = abs(written.timeIntervalSince(Date()))
        guard offset < 5 else {
            return HealthCheck(
                "clock", .warning, "the clock of the state folder's disk differs by \(Int(offset)) s",
                hint: "set both clocks by the same source")
        }
        return .ok("clock", "not before the newest row in history, and that of the disk agrees")
    }

    /// The time the file system gives to a file made now; nil when none can be made.
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

    // MARK: - The record, and what it says of the folder

    /// The checks of the record, and its newest instant.
    func record() async -> (checks: [HealthCheck], newestRow: Date?) {
        do throws(HistoryError) {
            guard try HistoryFile.exists(state.database) else {
                return ([.ok("database", "none yet")], nil)
            }
            let found = try await HistoryFile.examine(state.database)
            let check = database(found)
            guard check.level != .error, found.age == .current else { return ([check], found.newestRow) }
            return ([check] + (try await recorded()), found.newestRow)
        } catch {
            return ([HealthCheck("database", .error, error.text, hint: error.hint)], nil)
        }
    }

    private func database(_ found: HistoryFile.Examination) -> HealthCheck {
        if let stack, stack.name != found.stack {
            return HealthCheck(
                "database", .error, "it belongs to the stack `\(found.stack)`, not to `\(stack.name)`",
                hint: "give each stack a state folder of its own with `--state`")
        }
        if found.age == .newer {
            return HealthCheck("database", .error, "a newer canary wrote it", hint: "use that one")
        }
        if let problem = found.problems.first {
            let more = found.problems.count > 1 ? ", and more" : ""
            return HealthCheck(
                "database", .error, "damaged: \(problem)\(more)",
                hint: "`canary restore FILE --force` puts a backup in its place")
        }
        let runs = found.runs.counting("run")
        if found.age == .older {
            return HealthCheck(
                "database", .warning, "sound, \(runs), of an older canary", hint: "the next run brings it up to date")
        }
        return .ok("database", "sound, \(runs)")
    }

    private func recorded() async throws(HistoryError) -> [HealthCheck] {
        guard let history = try History.openForReading(path: state.database, stack: stack?.name) else {
            return [.ok("order", "nothing recorded")]
        }
        return [try await order(history), try await notices(history)]
    }

    /// Who drives, and whether folder and record agree when nobody does.
    private func order(_ history: HistoryReader) async throws(HistoryError) -> HealthCheck {
        if let holder = DriverLock.holder(of: state) { return .ok("order", "driven by \(holder)") }
        let open = try await history.builds.runningAttempts()
        let recorded = try await history.builds.storedPrefixes()
        let onDisk = Set(PrefixStore(state: state).stored().map(\.key))
        let left = Workspace(state: state).leftovers(keeping: [])
        let died = Set(open.map(\.id))
        let counts = [
            (open.count, "attempt whose driver died", "attempts whose driver died"),
            (left.count { !died.contains($0) }, "place of an attempt", "places of attempts"),
            (onDisk.subtracting(recorded).count, "half prefix", "half prefixes"),
            (recorded.subtracting(onDisk).count, "prefix gone from the disk", "prefixes gone from the disk"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { $0.0.counting($0.1, plural: $0.2) }
        guard words.isEmpty else {
            return HealthCheck(
                "order", .warning, "left over: \(words.joined(separator: ", "))",
                hint: "the next `canary run` or `canary gc` sees to it")
        }
        return .ok("order", "nobody drives, nothing is left over")
    }
}
