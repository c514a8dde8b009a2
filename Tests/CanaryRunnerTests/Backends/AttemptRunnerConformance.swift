// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryProcesses
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

/// What every kind of runner promises.
@Suite("AttemptRunner", .timeLimit(.minutes(5)))
struct AttemptRunnerConformance {
    // MARK: Stages

    @Test(arguments: RunnerKind.all)
    func `stages run in order and are reported as they happen`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(
                bench.order([
                    StageScript(stage: .install, run: "echo three"), StageScript(stage: .configure, run: "echo one"),
                    StageScript(stage: .build, run: "echo two >&2"),
                ]))
            #expect(ended.cause == .completed)
            #expect(ended.log == "one\ntwo\nthree\n")
            #expect(ended.end.logBytes == 14)
            #expect(ended.end.stages.map(\.stage) == [.configure, .build, .install])
            #expect(ended.end.stages.map(\.logOffset) == [0, 4, 8])
            #expect(ended.end.stages.allSatisfy { $0.exit == .code(0) && $0.startedAt <= $0.endedAt })
            let reported = ended.events.map { event in
                switch event {
                case .stageStarted(let stage, _): "start \(stage)"
                case .stageEnded(let run): "end \(run.stage)"
                case .finished: "finished"
                }
            }
            #expect(
                reported == [
                    "start configure", "end configure", "start build", "end build", "start install", "end install",
                    "finished",
                ])
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a recipe without stages completes`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(bench.order([]))
            #expect(ended.cause == .completed)
            #expect(ended.end.stages == [])
            #expect(ended.end.logBytes == 0)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a stage that returns a code stops the attempt`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(
                bench.order([
                    StageScript(stage: .configure, run: "echo bad; exit 3"),
                    StageScript(stage: .build, run: "echo never"),
                ]))
            #expect(ended.cause == .stageFailed(.configure, .code(3)))
            #expect(ended.end.stages.map(\.exit) == [.code(3)])
            #expect(ended.log == "bad\n")
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a stage that dies of a signal stops the attempt`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("kill -SEGV $$")
            #expect(ended.cause == .stageFailed(.build, .signal(11)))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a failing command and an unset variable end the script`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let failing = try await bench.run("false; echo on")
            #expect(failing.cause == .stageFailed(.build, .code(1)))
            #expect(failing.log == "")
        }
        try await RunnerFixture.with(kind) { bench in
            let unset = try await bench.run("echo \"$NOSUCH\"; echo on")
            #expect(unset.cause != .completed)
            #expect(!unset.log.contains("on\n"))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a missing tool is 127`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("nosuchtool --version")
            #expect(ended.cause == .stageFailed(.build, .code(127)))
            #expect(ended.log.contains("nosuchtool: not found"))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a script may hold quotes, newlines and dollars`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let script = "a='it'\"'\"'s $5 \\ `x`'\nprintf '%s\\n' \"$a\" \"$(echo \"b  c\")\" | cat\n# no end"
            let ended = try await bench.run(script)
            #expect(ended.log == "it's $5 \\ `x`\nb  c\n")
        }
    }

    // MARK: TemporaryFolder

    @Test(arguments: RunnerKind.all)
    func `a stage sees the listed variables and nothing else of ours`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let upstreams = [
                WorkOrder.UpstreamPrefix(project: "open-color", key: "k1"), .init(project: "imath", key: "k2"),
            ]
            let order = bench.order([StageScript(stage: .build, run: "env -0")], upstreams: upstreams)
            let ended = try await bench.run(order)
            let pairs = ended.log.split(separator: "\0").map { entry in
                let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), String(parts[1]))
            }
            var seen = Dictionary(uniqueKeysWithValues: pairs)
            // The shell's own.
            for name in ["PWD", "OLDPWD", "SHLVL", "_"] { seen[name] = nil }
            let paths = AttemptPaths(of: order, in: bench.state)
            #expect(seen == StageEnvironment(of: order, in: paths, image: bench.imageVariables).variables)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a stage runs in the build folder with no input`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("[ \"$PWD\" = \"$CANARY_BUILD\" ]; wc -c; readlink /proc/self/fd/0")
            #expect(ended.log == "0\n/dev/null\n")
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a stage leads its own session and has none of our files`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let own = fcntl(1, F_DUPFD, 700)
            defer { close(own) }
            let ended = try await bench.run("ls /proc/$$/fd; cut -d' ' -f6 /proc/$$/stat; echo $$")
            let lines = ended.log.split(separator: "\n")
            #expect(!lines.dropLast(2).contains("\(own)"))
            #expect(lines.suffix(2).first == lines.last)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `attempts at one time do not mix`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let names = (0..<8).map { "\(bench.mark)-\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    group.addTask {
                        let script = "for i in 1 2 3; do echo \(name); done; echo \"$TMPDIR\""
                        let scripts = [StageScript(stage: .build, run: script)]
                        let order = bench.order(scripts, attempt: name)
                        let temporary = AttemptPaths(of: order, in: bench.state).temporary
                        let ended = try await bench.run(order)
                        #expect(ended.log == "\(name)\n\(name)\n\(name)\n\(temporary)\n")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    // MARK: What is printed

    @Test(arguments: RunnerKind.all)
    func `long lines and NUL bytes are kept as they are`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("head -c 2000000 /dev/zero | tr '\\0' x; printf 'a\\0b'")
            #expect(ended.end.logBytes == 2_000_003)
            #expect(ended.log == String(repeating: "x", count: 2_000_000) + "a\0b")
        }
    }

    @Test(arguments: RunnerKind.all)
    func `noise is kept byte for byte`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("head -c 1000000 /dev/urandom >noise; cat noise")
            #expect(ended.end.logBytes == 1_000_000)
            let folder = bench.state.attempt(bench.mark)
            let noise = FileManager.default.contents(atPath: folder.build + "/noise")
            #expect(noise?.count == 1_000_000)
            #expect(noise == FileManager.default.contents(atPath: folder.log))
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a flood of output ends in a capped log`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            var limits = AttemptLimits()
            limits.log = .mebibytes(1)
            let ended = try await bench.run("echo begin; yes | head -c 200000000; echo end", limits: limits)
            #expect(ended.cause == .completed)
            #expect(ended.end.logBytes == 200_000_010)
            #expect(ended.log.hasPrefix("begin\n") && ended.log.hasSuffix("y\nend\n"))
            #expect(ended.log.contains("\n[canary: \(200_000_010 - (1 << 20)) bytes left out]\n"))
            #expect(ended.log.utf8.count < (1 << 20) + 100)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `a stage may close its output and go on`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("echo before; exec >&- 2>&-; sleep 0.2; exit 7")
            #expect(ended.cause == .stageFailed(.build, .code(7)))
            #expect(ended.log == "before\n")
        }
    }

    // MARK: What is left running

    @Test(arguments: RunnerKind.all)
    func `a background child that holds the output does not hold the stage`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("sleep 600 & echo done")
            #expect(ended.cause == .completed)
            #expect(ended.log == "done\n")
        }
    }

    @Test(arguments: RunnerKind.all, ["yes", "setsid yes"])
    func `a background child that floods the output does not hold the stage`(
        _ kind: RunnerKind, _ flood: String
    ) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("echo first; \(flood) & sleep 0.1")
            #expect(ended.cause == .completed)
            #expect(ended.log.hasPrefix("first\n"))
        }
    }

    @Test(
        arguments: RunnerKind.all,
        [
            "setsid sleep 600 & :", "setsid sh -c 'trap \"\" TERM HUP; sleep 600; sleep 600' >/dev/null 2>&1 & :",
            "(sleep 600 >/dev/null 2>&1 &) ; (setsid sh -c 'sleep 600 & setsid sleep 600' &)",
        ])
    func `a child that left the group ends with the attempt`(_ kind: RunnerKind, _ script: String) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(script)
            #expect(ended.cause == .completed)
            #expect(bench.stageProcesses == [])
        }
    }

    @Test(arguments: [RunnerKind.process])
    func `an earlier runner's leftovers are swept, those of kept attempts are not`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let elsewhere = bench.state.path + "/elsewhere"
            let paths = [bench.state.attempt("old").temporary, bench.state.attempt("kept").temporary, elsewhere]
            let starts = paths.enumerated().map { index, path in
                """
                TMPDIR='\(path)' setsid sh -c 'trap "" TERM; : >up\(index); exec sleep 600' >/dev/null 2>&1 &
                until [ -e up\(index) ]; do sleep 0.01; done
                """
            }
            let ended = try await bench.run(starts.joined(separator: "\n"))
            #expect(ended.cause == .completed)
            #expect(bench.processes.count == 3)
            await bench.runner.sweep(keeping: ["kept"])
            #expect(bench.processes.count == 2)
            await bench.runner.sweep(keeping: [])
            #expect(bench.processes.count == 1)
            await ProcessScan { $0 == elsewhere }.end()
        }
    }

    @Test(arguments: RunnerKind.all)
    func `an attempt is started once`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            try bench.prepare(bench.mark)
            let order = bench.order([StageScript(stage: .build, run: "echo up; until [ -e go ]; do sleep 0.02; done")])
            try await bench.runner.start(order)
            try await eventually { bench.log(of: bench.mark) == "up\n" }
            let failure = await #expect(throws: RunnerFailure.self) { try await bench.runner.start(order) }
            #expect(failure?.reason == .environmentEngine)
            _ = FileManager.default.createFile(atPath: bench.state.attempt(bench.mark).build + "/go", contents: nil)
            let ended = try await bench.ended(bench.mark)
            #expect(ended.cause == .completed)
            #expect(ended.log == "up\n")
        }
    }

    @Test(arguments: RunnerKind.all)
    func `the sweep spares attempts that run`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            try bench.prepare(bench.mark)
            try await bench.runner.start(
                bench.order([StageScript(stage: .build, run: "echo up; until [ -e go ]; do sleep 0.02; done")]))
            try await eventually { bench.log(of: bench.mark) == "up\n" }
            await bench.runner.sweep(keeping: [])
            _ = FileManager.default.createFile(atPath: bench.state.attempt(bench.mark).build + "/go", contents: nil)
            #expect(try await bench.ended(bench.mark).cause == .completed)
        }
    }
}
