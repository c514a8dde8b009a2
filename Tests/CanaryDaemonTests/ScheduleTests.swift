// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryDaemon

@Suite("Schedule") struct ScheduleTests {
    /// 2027-01-15T08:00:00Z.
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func stack(
        _ schedule: String?, poll: Int = 15, variants: [(String, String?)] = [("a", nil)], digest: String? = nil,
        backup: Backup? = nil
    ) throws -> Stack {
        Stack(
            name: "mini",
            variants: try variants.map {
                Variant(name: $0, image: nil, lanes: [.head], schedule: try $1.map { try CronSchedule($0) })
            },
            graph: try ProjectGraph([]),
            operation: Operation(
                schedule: try schedule.map { try CronSchedule($0) }, poll: .minutes(poll),
                digest: try digest.map { try CronSchedule($0) }, backup: backup))
    }

    private func schedule(
        _ stack: Stack, lastRun: Double? = 0, isUnfinished: Bool = false, lastBackup: Double? = nil
    ) -> Schedule {
        Schedule(
            stack: stack, now: start, lastRun: lastRun.map { start + $0 }, isUnfinished: isUnfinished,
            lastBackup: lastBackup.map { start + $0 })
    }

    /// Everything that falls due up to `hours`, looked at each minute.
    private func tasksDue(_ schedule: inout Schedule, hours: Double) -> [(minute: Int, task: Schedule.ScheduledTask)] {
        var all: [(Int, Schedule.ScheduledTask)] = []
        for minute in 0...Int(hours * 60) {
            while let task = schedule.next(at: start + Double(minute) * 60) { all.append((minute, task)) }
        }
        return all
    }

    @Test func `scheduled runs come on time, with polls in between`() throws {
        var schedule = schedule(try stack("0 */2 * * *", poll: 60))
        let tasks = tasksDue(&schedule, hours: 4.5).filter { $0.task != .tidy }
        #expect(tasks.map(\.minute) == [60, 120, 120, 180, 240, 240])
        #expect(tasks.filter { $0.task == .scheduled(variants: ["a"]) }.map(\.minute) == [120, 240])
    }

    @Test func `a task that falls due again while it waits is done once`() throws {
        var schedule = schedule(try stack("0 * * * *", variants: [("a", nil), ("b", "30 * * * *")]))
        // Ten hours in which somebody else built.
        let later = start + 10 * 3600
        #expect(schedule.next(at: later) == .scheduled(variants: ["a", "b"]))
        #expect(schedule.next(at: later) == .poll)
        #expect(schedule.next(at: later) == .tidy)
        #expect(schedule.next(at: later) == nil)
        #expect(schedule.nextInstant == later + 15 * 60)
    }

    @Test func `what fell due while no daemon ran is due at once, and once`() throws {
        var missed = schedule(try stack("0 3 * * *"), lastRun: -3 * 86_400)
        #expect(missed.next(at: start) == .scheduled(variants: ["a"]))
        #expect(missed.next(at: start) == .reprobe)
        #expect(missed.next(at: start) == .poll)
        #expect(missed.next(at: start) == nil)
        var unfinished = schedule(try stack("0 3 * * *"), isUnfinished: true)
        #expect(unfinished.nextInstant == .distantPast)
        #expect(unfinished.next(at: start) == .scheduled(variants: ["a"]))
        var fresh = schedule(try stack("0 3 * * *"), lastRun: nil)
        #expect(fresh.next(at: start) == nil)
    }

    @Test func `a clock that was ahead does not delay the schedule`() throws {
        var schedule = schedule(try stack("0 * * * *"), lastRun: 300 * 86_400)
        #expect(schedule.next(at: start + 3600) == .scheduled(variants: ["a"]))
    }

    @Test func `infrastructure errors are retried after 5, 30 and 120 minutes`() throws {
        var schedule = schedule(try stack(nil, poll: 10_000))
        var minute = 0.0
        for wait in [5.0, 30, 120] {
            schedule.note(spoiled: ["x"], start: start + minute * 60, now: start + minute * 60)
            #expect(schedule.next(at: start + (minute + wait) * 60 - 1) == (minute + wait > 60 ? .tidy : nil))
            minute += wait
            #expect(schedule.next(at: start + minute * 60) == .again(projects: ["x"]))
        }
        schedule.note(spoiled: ["x"], start: start, now: start + minute * 60)
        #expect(schedule.next(at: start + 86_000) == nil, "three times and no more")
        schedule.note(spoiled: [], start: start, now: start)
        schedule.note(spoiled: ["y"], start: start, now: start)
        #expect(schedule.next(at: start + 300) == .again(projects: ["y"]), "a clean run begins anew")
    }

    @Test func `suspected jobs with a slow cadence are built every four hours`() throws {
        var slow = schedule(try stack("0 3 * * *", poll: 10_000))
        #expect(tasksDue(&slow, hours: 9).filter { $0.task == .reprobe }.map(\.minute) == [240, 480])
        var fast = schedule(try stack("0 * * * *", poll: 10_000))
        #expect(tasksDue(&fast, hours: 9).allSatisfy { $0.task != .reprobe })
    }

    @Test func `digest and backups come on time`() throws {
        let backup = Backup(folder: "b", every: .hours(6), keep: 2)
        var schedule = schedule(
            try stack(nil, poll: 10_000, digest: "0 9 * * *", backup: backup), lastBackup: -5 * 3600)
        let tasks = tasksDue(&schedule, hours: 8)
        #expect(tasks.filter { $0.task == .digest }.map(\.minute) == [60])
        #expect(tasks.filter { $0.task == .backup }.map(\.minute) == [60, 420])
        var first = self.schedule(try stack(nil, backup: backup))
        #expect(first.next(at: start) == .backup, "there is none yet")
    }
}
