// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct Metrics {
    private var lines: [String] = []

    var text: String { lines.joined(separator: "\n") + "\n" }

    /// The metrics of a stack.
    init(stack: Stack, overview: [JobID: JobOverview], tallies: HistoryTallies?, lastChange: Date?) {
        jobs(stack, overview: overview)
        counts(tallies)
        family("canary_last_change_seconds", "gauge", "last change of history, in seconds since 1970")
        add("canary_last_change_seconds", [:], lastChange?.timeIntervalSince1970 ?? 0)
        if let next = stack.nextRun(after: lastChange) {
            family("canary_next_run_by_seconds", "gauge", "latest start of the next run, in seconds since 1970")
            add("canary_next_run_by_seconds", [:], next.timeIntervalSince1970)
        }
    }

    private mutating func jobs(_ stack: Stack, overview: [JobID: JobOverview]) {
        family("canary_job_verdict", "gauge", "1 for the present verdict of a job")
        for job in stack.jobs {
            let verdict = overview[job]?.verdict ?? .unknown
            add("canary_job_verdict", labels(job).merging(["verdict": verdict.rawValue]) { $1 }, 1)
        }
        family(
            "canary_job_last_run_seconds", "gauge",
            "start of the run with the last result of a job, in seconds since 1970")
        for job in stack.jobs {
            guard let at = overview[job]?.lastRunAt else { continue }
            add("canary_job_last_run_seconds", labels(job), at.timeIntervalSince1970)
        }
    }

    private mutating func counts(_ tallies: HistoryTallies?) {
        family("canary_runs_total", "counter", "runs by state")
        for state in RunState.allCases where state != .running {
            add("canary_runs_total", ["state": state.rawValue], Double(tallies?.runs[state] ?? 0))
        }
        family("canary_attempts_total", "counter", "finished attempts by result")
        for result in Result.allCases {
            guard let count = tallies?.attempts[result] else { continue }
            add("canary_attempts_total", ["result": result.rawValue], Double(count))
        }
        family("canary_attempts_running", "gauge", "attempts in progress")
        add("canary_attempts_running", [:], Double(tallies?.running ?? 0))
        family("canary_requests_open", "gauge", "requests that have not finished")
        add("canary_requests_open", [:], Double(tallies?.openRequests ?? 0))
    }

    /// Starts a family of metrics.
    mutating func family(_ name: String, _ type: String, _ help: String) {
        lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
    }

    /// Adds one sample.
    mutating func add(_ name: String, _ labels: [String: String], _ value: Double) {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        lines.append("\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(number)")
    }

    private func labels(_ job: JobID) -> [String: String] {
        ["project": job.project, "variant": job.variant, "lane": job.lane.rawValue]
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
