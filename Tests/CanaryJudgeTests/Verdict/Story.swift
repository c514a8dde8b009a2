// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

/// A trace in a short notation: one line `hour job head attempts`, optionally with `upstream=revision` and `control=attempts`.
///
/// Such as `18 usd h3 FP oiio=b control=F`; the job `usd` is `usd@v/head`.
struct Story {
    var lines: [TraceLine] = []

    init(_ text: String) throws { try add(text) }

    mutating func add(_ text: String) throws {
        for line in text.split(separator: "\n") { lines.append(try Self.line(line)) }
    }

    /// The same line at each of `hours`.
    mutating func add(_ hours: some Sequence<Int>, _ rest: String) throws {
        for hour in hours { try add("\(hour) \(rest)") }
    }

    private static func line(_ text: Substring) throws -> TraceLine {
        let words = text.split(separator: " ").map(String.init)
        let pairs = words.dropFirst(4).map { $0.split(separator: "=").map(String.init) }
        let named = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        let upstreams = named.filter { $0.key != "control" }
        let at = try #require(Double(words[0]))
        return TraceLine(
            job: PlanScenario.id(words[1]),
            inputs: Inputs(at: hour(at), inputsHash: words[2], upstreams: upstreams.isEmpty ? nil : upstreams),
            attempts: tape(words[3]), control: tape(named["control"] ?? "P"))
    }

    private static func tape(_ text: String) -> [Evidence] {
        text.map { ["P": .pass, "F": .fail, "E": Evidence.none][$0] ?? .none }
    }

    func replay(_ policy: Policy = Policy(), schedule: CronSchedule? = nil) -> Replay {
        Replay(Trace(lines), policy: policy) { _ in schedule }
    }

    /// What is reported, as `19 page usd osl (oiio)`.
    func reported(_ policy: Policy = Policy(), schedule: CronSchedule? = nil) -> [String] {
        replay(policy, schedule: schedule).sent.map(Self.spoken)
    }

    /// What is reported, without the digest.
    func paged(_ policy: Policy = Policy(), schedule: CronSchedule? = nil) -> [String] {
        replay(policy, schedule: schedule).sent.filter { $0.event.kind.urgency == .page }.map(Self.spoken)
    }

    private static func spoken(_ sent: Replay.Sent) -> String {
        let jobs = sent.event.jobs.map { job in
            job.description.replacing("@v/head", with: "")
        }
        let upstream = sent.event.upstream.map { " (\($0))" } ?? ""
        let hours = sent.at.timeIntervalSince(hour(0)) / 3600
        let spoken = hours == hours.rounded() ? "\(Int(hours))" : "\(hours)"
        return "\(spoken) \(sent.event.kind.rawValue) \(jobs.joined(separator: " "))\(upstream)"
    }
}
