// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

/// How every kind of runner ends what would not end by itself, and what it does when it cannot go on.
@Suite("AttemptRunner, ends", .timeLimit(.minutes(5)))
struct AttemptRunnerEnds {
    private let second = AttemptLimits(attempt: TimeSpan(seconds: 1))

    @Test(
        arguments: RunnerKind.all,
        [
            "sleep 600", "trap '' TERM; while :; do sleep 0.05; done",
            "(trap '' TERM; sleep 600 & wait; sleep 600) & trap 'exit 0' TERM; wait",
            "exec >&- 2>&-; sleep 600", "yes >/dev/null", "yes",
        ])
    func `the attempt's time ends all of it`(_ kind: RunnerKind, _ script: String) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(script, limits: second)
            #expect(ended.cause == .limit(.limitAttempt, .build))
            #expect(ended.end.stages.map(\.exit) == [nil])
            #expect(bench.stageProcesses == [])
        }
    }

    @Test(arguments: RunnerKind.all)
    func `time runs over all stages together`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let scripts = [Stage.configure, .build].map { StageScript(stage: $0, run: "sleep 7") }
            let limits = AttemptLimits(attempt: TimeSpan(seconds: 12))
            let ended = try await bench.run(bench.order(scripts, limits: limits))
            #expect(ended.cause == .limit(.limitAttempt, .build))
            #expect(ended.end.stages.count == 2)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `silence ends a stage, output does not`(_ kind: RunnerKind) async throws {
        let limits = AttemptLimits(attempt: TimeSpan(seconds: 60), silence: TimeSpan(seconds: 2))
        try await RunnerFixture.with(kind) { bench in
            let silent = try await bench.run("echo last words; sleep 600", limits: limits)
            #expect(silent.cause == .limit(.limitSilence, .build))
            #expect(silent.log == "last words\n")
        }
        try await RunnerFixture.with(kind) { bench in
            let limits = AttemptLimits(attempt: TimeSpan(seconds: 8), silence: TimeSpan(seconds: 6))
            let loud = try await bench.run("while :; do echo x; sleep 0.1; done", limits: limits)
            #expect(loud.cause == .limit(.limitAttempt, .build))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a cancelled attempt ends, and what it prints on TERM is kept`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind, grace: .seconds(20)) { bench in
            try bench.prepare(bench.mark)
            let script = "trap 'echo told; exit 1' TERM; echo up; while :; do sleep 0.02; done"
            try await bench.runner.start(
                bench.order([StageScript(stage: .build, run: script), StageScript(stage: .test, run: "echo never")]))
            try await eventually { bench.log(of: bench.mark) == "up\n" }
            await bench.runner.cancel(bench.mark)
            let ended = try await bench.ended(bench.mark)
            #expect(ended.cause == .cancelled(.build))
            #expect(ended.end.stages.map(\.exit) == [nil])
            #expect(ended.log.hasPrefix("up\n") && ended.log.hasSuffix("told\n"))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `an attempt can be cancelled before it prints anything`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            try bench.prepare(bench.mark)
            try await bench.runner.start(bench.order([StageScript(stage: .build, run: "sleep 600")]))
            await bench.runner.cancel(bench.mark)
            let cause = try await bench.ended(bench.mark).cause
            #expect(cause == .cancelled(.build) || cause == .cancelled(nil))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `an unknown attempt cannot be cancelled, adopted or followed`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            await bench.runner.cancel("nobody")
            #expect(await bench.runner.adopt("nobody") == false)
            for await event in bench.runner.events(of: "nobody") { Issue.record("\(event)") }
        }
    }

    @Test(arguments: RunnerKind.all)
    func `without its build folder an attempt is lost`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            try bench.prepare(bench.mark)
            try FileManager.default.removeItem(atPath: bench.state.attempt(bench.mark).build)
            try await bench.runner.start(bench.order([StageScript(stage: .build, run: "echo never")]))
            guard case .infrastructure(.environmentEngine, .build, let detail) = try await bench.ended(bench.mark).cause
            else { throw RunnerFixture.NoEnd() }
            #expect(!detail.isEmpty)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `without a folder for its log nothing starts`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let order = bench.order([StageScript(stage: .build, run: "echo never")])
            let failure = await #expect(throws: RunnerFailure.self) { try await bench.runner.start(order) }
            #expect(failure?.reason == .environmentEngine)
            #expect(failure?.detail.hasSuffix("no such file or directory") == true)
            try bench.prepare(bench.mark)
            try await bench.runner.start(order)
            #expect(try await bench.ended(bench.mark).log == "never\n")
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a full disk does not stop the build and is reported at the end`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            try await withDisk(of: "1m", at: bench.state.attempts) {
                try bench.prepare(bench.mark)
                let log = bench.state.attempt(bench.mark).log
                let script = "head -c 2000000 /dev/zero >fill 2>/dev/null || true; echo x; touch done"
                try await bench.runner.start(bench.order([StageScript(stage: .build, run: script)]))
                let ended = try await bench.ended(bench.mark)
                guard case .infrastructure(.environmentDiskFull, .build, let detail) = ended.cause
                else { throw RunnerFixture.NoEnd() }
                #expect(detail == "cannot write the log `\(log)`: no space left on device")
                #expect(FileManager.default.fileExists(atPath: bench.state.attempt(bench.mark).build + "/done"))
            }
        }
    }
}
