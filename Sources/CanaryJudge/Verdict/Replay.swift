// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What the policy would have sent for a trace.
package struct Replay: Sendable {
    /// An event, and when it would have been sent.
    package struct Sent: Hashable, Sendable {
        /// The start of the run that caused it.
        package let at: Date
        /// The event, with all jobs that joined it later.
        package internal(set) var event: NoticeEvent
    }

    /// What would have been sent, in order.
    package private(set) var sent: [Sent] = []
    /// How many builds the policy asked for.
    package private(set) var attempts = 0
    private let policy: Policy
    private var judge: StackJudge

    /// Replays `trace`.
    ///
    /// - Parameter schedule: when a job runs; if nil, its cadence is the median gap between its lines.
    package init(_ trace: Trace, policy: Policy = Policy(), schedule: (JobID) -> CronSchedule? = { _ in nil }) {
        self.policy = policy
        var cadences: [JobID: TimeInterval] = [:]
        for (job, lines) in Dictionary(grouping: trace.lines, by: \.job) {
            cadences[job] =
                schedule(job).flatMap { Cadence.period(of: $0, after: lines[0].at) }
                ?? Cadence.medianGap(of: lines.map(\.at))
        }
        judge = StackJudge(policy: policy, cadences: cadences)
        var runs = 0
        for run in Self.runs(of: trace) {
            runs += 1
            play(run, as: "run \(runs)")
        }
    }

    /// The lines of each run: those of one time, each job once; a second line of a job is a run of its own.
    private static func runs(of trace: Trace) -> [[TraceLine]] {
        var runs: [[TraceLine]] = []
        var first = 0
        for line in trace.lines {
            if runs.last?.first?.at != line.at { first = runs.count }
            if let run = runs[first...].firstIndex(where: { $0.last?.job != line.job }) {
                runs[run].append(line)
            } else {
                runs.append([line])
            }
        }
        return runs
    }

    private mutating func play(_ lines: [TraceLine], as run: String) {
        var observations: [JobObservation] = []
        var answers: [JobID: Answers] = [:]
        for line in lines {
            var tape = Tape(line.attempts)
            var control = Tape(line.control)
            let observation = JobObservation(
                run: run, job: line.job, inputs: line.inputs, evidence: build(from: &tape, for: line.job),
                fingerprint: line.fingerprint, onFallback: line.onFallback, expectedIssue: line.expectedIssue)
            while let purpose = judge.owes(for: observation, given: answers[line.job] ?? Answers()) {
                attempts += 1
                let said = purpose == .control ? control.next() : tape.next()
                answers[line.job, default: Answers()].add(said, to: purpose)
            }
            observations.append(observation)
        }
        let result = judge.judge(observations, given: answers, at: lines[0].at)
        sent += result.events.map { Sent(at: lines[0].at, event: $0) }
        for event in result.updated {
            guard let index = sent.firstIndex(where: { $0.event.number == event.number }) else { continue }
            sent[index].event = event
        }
    }

    /// Builds once and, while that fails, again as often as the policy says.
    private mutating func build(from tape: inout Tape, for job: JobID) -> Evidence {
        var said: [Evidence] = []
        while true {
            attempts += 1
            said.append(tape.next())
            if let evidence = Evidence(ofAttempts: said, reruns: judge.reruns(for: [job])) { return evidence }
        }
    }
}

/// What builds end with, in order; the last one repeats.
private struct Tape {
    private let ends: [Evidence]
    private var position = 0

    init(_ ends: [Evidence]) { self.ends = ends }

    mutating func next() -> Evidence {
        defer { position += 1 }
        return ends[min(position, ends.count - 1)]
    }
}

extension Evidence {
    /// What attempts on the same inputs say together; nil while another one is required.
    ///
    /// An infrastructure error is not evidence: what the other attempts say counts.
    package init?(ofAttempts said: [Evidence], reruns: Int) {
        guard let first = said.first else { return nil }
        if first != .fail {
            self = first
        } else if said.contains(.pass) {
            self = .flaky
        } else if said.count > reruns {
            self = .fail
        } else {
            return nil
        }
    }
}
