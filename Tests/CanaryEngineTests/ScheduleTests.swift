// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryEngine

@Suite("Agenda") struct AgendaTests {
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

    private func agenda(
        _ stack: Stack, lastRun: Double? = 0, isUnfinished: Bool = false, lastBackup: Double? = nil
    ) -> Schedule {
        Schedule(
            stack: stack, now: start, lastRun: lastRun.map { start + $0 }, isUnfinished: isUnfinished,
            lastBackup: lastBackup.map { start + $0 })
    }

    /// Everything that falls due up to `hours`, looked at each minute.
    private func lived(_ agenda: inout Schedule, hours: Double) -> [(minute: Int, chore: Schedule.ScheduledTask)] {
        var all: [(Int, Schedule.ScheduledTask)] = []
        for minute in 0...Int(hours * 60) {
            while let chore = agenda.next(at: start + Double(minute) * 60) { all.append((minute, chore)) }
        }
        return all
    }

    @Test func `the schedule comes by the clock, and polls between`() throws {
        var agenda = agenda(try stack("0 */2 * * *", poll: 60))
        let chores = lived(&agenda, hours: 4.5).filter { $0.chore != .tidy }
        #expect(chores.map(\.minute) == [60, 120, 120, 180, 240, 240])
        #expect(chores.filter { $0.chore == .scheduled(variants: ["a"]) }.map(\.minute) == [120, 240])
    }

    @Test func `what falls due again while it waits is one thing that waits`() throws {
        var agenda = agenda(try stack("0 * * * *", variants: [("a", nil), ("b", "30 * * * *")]))
        // Ten hours in which somebody else built.
        let later = start + 10 * 3600
        #expect(agenda.next(at: later) == .scheduled(variants: ["a", "b"]))
        #expect(agenda.next(at: later) == .poll)
        #expect(agenda.next(at: later) == .tidy)
        #expect(agenda.next(at: later) == nil)
        #expect(agenda.nextInstant == later + 15 * 60)
    }

    @Test func `what fell due while nobody lived is due at once, and once`() throws {
        var missed = agenda(try stack("0 3 * * *"), lastRun: -3 * 86_400)
        #expect(missed.next(at: start) == .scheduled(variants: ["a"]))
        #expect(missed.next(at: start) == .reprobe)
        #expect(missed.next(at: start) == .poll)
        #expect(missed.next(at: start) == nil)
        var unfinished = agenda(try stack("0 3 * * *"), isUnfinished: true)
        #expect(unfinished.nextInstant == .distantPast)
        #expect(unfinished.next(at: start) == .scheduled(variants: ["a"]))
        var fresh = agenda(try stack("0 3 * * *"), lastRun: nil)
        #expect(fresh.next(at: start) == nil)
    }

    @Test func `a clock that was ahead keeps nobody waiting`() throws {
        var agenda = agenda(try stack("0 * * * *"), lastRun: 300 * 86_400)
        #expect(agenda.next(at: start + 3600) == .scheduled(variants: ["a"]))
    }

    @Test func `what infrastructure spoiled is tried again after 5, 30 and 120 minutes`() throws {
        var agenda = agenda(try stack(nil, poll: 10_000))
        var minute = 0.0
        for wait in [5.0, 30, 120] {
            agenda.note(spoiled: ["x"], start: start + minute * 60, now: start + minute * 60)
            #expect(agenda.next(at: start + (minute + wait) * 60 - 1) == (minute + wait > 60 ? .tidy : nil))
            minute += wait
            #expect(agenda.next(at: start + minute * 60) == .again(projects: ["x"]))
        }
        agenda.note(spoiled: ["x"], start: start, now: start + minute * 60)
        #expect(agenda.next(at: start + 86_000) == nil, "three times and no more")
        agenda.note(spoiled: [], start: start, now: start)
        agenda.note(spoiled: ["y"], start: start, now: start)
        #expect(agenda.next(at: start + 300) == .again(projects: ["y"]), "a clean run begins anew")
    }

    @Test func `suspected jobs of a slow cadence are looked at every four hours`() throws {
        var slow = agenda(try stack("0 3 * * *", poll: 10_000))
        #expect(lived(&slow, hours: 9).filter { $0.chore == .reprobe }.map(\.minute) == [240, 480])
        var fast = agenda(try stack("0 * * * *", poll: 10_000))
        #expect(lived(&fast, hours: 9).allSatisfy { $0.chore != .reprobe })
    }

    @Test func `digest and backups come on time`() throws {
        let backup = Backup(folder: "b", every: .hours(6), keep: 2)
        var agenda = agenda(
            try stack(nil, poll: 10_000, digest: "0 9 * * *", backup: backup), lastBackup: -5 * 3600)
        let chores = lived(&agenda, hours: 8)
        #expect(chores.filter { $0.chore == .digest }.map(\.minute) == [60])
        #expect(chores.filter { $0.chore == .backup }.map(\.minute) == [60, 420])
        var first = self.agenda(try stack(nil, backup: backup))
        #expect(first.next(at: start) == .backup, "there is none yet")
    }
}
