// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryProcesses
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

/// What becomes of an attempt whose container, engine or driver is lost.
@Suite("ContainerRunner, losses", .timeLimit(.minutes(5)))
struct ContainerLossTests {
    private let waits = [StageScript(stage: .build, run: "echo up; while :; do sleep 0.05; done")]

    @Test(arguments: RunnerKind.containers)
    func `a container that was killed has failed, because its stage can bring that about too`(_ kind: RunnerKind)
        async throws
    {
        try await RunnerFixture.with(kind) { bench in
            try bench.prepare(bench.mark)
            try await bench.runner.start(bench.order(waits))
            try await eventually { bench.log(of: bench.mark) == "up\n" }
            _ = try await bench.engine?.engine.ask(["kill", ContainerCommand.name(of: bench.mark)])
            let ended = try await bench.ended(bench.mark)
            #expect(ended.cause == .stageFailed(.build, .signal(9)))
        }
    }

    @Test func `without podman's monitor an attempt still ends`() async throws {
        try await RunnerFixture.with(RunnerKind.podman) { bench in
            try bench.prepare(bench.mark)
            let script = "echo up; until [ -e go ]; do sleep 0.02; done; echo on"
            var engine = try #require(bench.engine).engine
            engine.patience.end = .seconds(1)
            let runner = ContainerRunner(state: bench.state, engine: engine)
            try await runner.start(bench.order([StageScript(stage: .build, run: script)]))
            try await eventually { bench.log(of: bench.mark) == "up\n" }
            for process in bench.processes where name(of: process) == "conmon" { kill(process, SIGKILL) }
            _ = FileManager.default.createFile(atPath: bench.state.attempt(bench.mark).build + "/go", contents: nil)
            var last: AttemptEvent?
            for await event in runner.events(of: bench.mark) { last = event }
            guard case .finished(let end) = last else { throw RunnerFixture.NoEnd() }
            #expect(end.cause == .completed)
        }
    }

    @Test func `without docker's daemon an attempt is lost, and swept when it is back`() async throws {
        try await RunnerFixture.with(TestEngine.mortalDocker) { bench in
            let engine = try #require(bench.engine)
            try bench.prepare(bench.mark)
            try await bench.runner.start(bench.order(waits))
            try await eventually { bench.log(of: bench.mark) == "up\n" }
            let pid = try String(contentsOfFile: engine.folder + "/dockerd.pid", encoding: .utf8)
            kill(try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
            guard case .infrastructure(.environmentEngine, .build, _) = try await bench.ended(bench.mark).cause
            else { throw RunnerFixture.NoEnd() }
            try await engine.restart()
            await bench.runner.sweep(keeping: [])
        }
    }

    private var hanging: ContainerEngine {
        var engine = ContainerEngine(kind: .podman, command: ["/bin/sh", "-c", "sleep 600", "podman"])
        engine.patience.answer = .milliseconds(200)
        return engine
    }

    @Test func `an engine that hangs is cut off`() async throws {
        let engine = hanging
        let failure = await #expect(throws: RunnerFailure.self) { _ = try await engine.version() }
        #expect(failure?.reason == .environmentEngine)
        #expect(failure?.detail.contains("hint: does the container engine hang?") == true)
    }

    @Test(arguments: RunnerKind.containers)
    func `an engine that hangs as it starts a container is cut off`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            var engine = try #require(bench.engine).engine
            let script = "case \" $* \" in *' run '*) sleep 600;; esac; exec \"$@\""
            engine.command = ["/bin/sh", "-c", script, "engine"] + engine.command
            engine.patience.start = .milliseconds(500)
            let runner = ContainerRunner(state: bench.state, engine: engine)
            try bench.prepare(bench.mark)
            try await runner.start(bench.order(waits))
            var last: AttemptEvent?
            for await event in runner.events(of: bench.mark) { last = event }
            guard case .finished(let end) = last,
                case .infrastructure(.environmentEngine, .build, let detail) = end.cause
            else { throw RunnerFixture.NoEnd() }
            #expect(detail.hasSuffix("started nothing within 0.5 seconds; hint: does the container engine hang?"))
        }
    }

    @Test func `an engine that is absent is named`() async throws {
        let engine = ContainerEngine(kind: .docker, command: ["nosuchengine"])
        let failure = await #expect(throws: RunnerFailure.self) { _ = try await engine.version() }
        #expect(failure?.reason == .environmentEngine)
        #expect(ContainerEngine.ociRuntime(preferred: "crun", isHybrid: true) == "runc")
        #expect(ContainerEngine.ociRuntime(preferred: "crun", isHybrid: false) == "crun")
        #expect(ContainerImage.repository(of: "host:5000/a/b:1@sha256:0") == "host:5000/a/b")
    }

    @Test(arguments: RunnerKind.containers, [0, 60, 120, 200, 300, 400, 600, 1000])
    func `nothing is left of a killed canary`(_ kind: RunnerKind, after delay: Int) async throws {
        try await RunnerFixture.with(kind) { bench in
            let engine = try #require(bench.engine)
            try bench.prepare(bench.mark)
            let order = String(decoding: try JSONEncoder().encode(bench.order(waits)), as: UTF8.self)
            let facts = [bench.state.path, kind.testDescription, engine.folder, order, String(delay), ""]
            await #expect(processExitsWith: .signal(SIGKILL)) { [facts = facts as [String]] in
                try await ContainerLossTests.startAndDie(facts)
            }
            await bench.runner.sweep(keeping: [])
        }
    }

    /// podman's runtime is held up before it starts what it has made, so that there is a container without a process.
    @Test func `nothing is left of a canary killed while creating a container`() async throws {
        try await RunnerFixture.with(RunnerKind.podman) { bench in
            let engine = try #require(bench.engine)
            try bench.prepare(bench.mark)
            let (runtime, sign) = (bench.state.path + "/runtime", bench.state.path + "/created")
            let script = """
                #!/bin/sh
                case " $* " in
                    *' start '*)
                        : >'\(sign)'
                        while [ -e '\(sign)' ]; do sleep 0.05; done
                        ;;
                esac
                exec runc "$@"
                """
            try script.write(toFile: runtime, atomically: false, encoding: .utf8)
            chmod(runtime, 0o755)
            let order = String(decoding: try JSONEncoder().encode(bench.order(waits)), as: UTF8.self)
            let facts = [bench.state.path, "podman", engine.folder, order, sign, runtime]
            await #expect(processExitsWith: .signal(SIGKILL)) { [facts = facts as [String]] in
                try await ContainerLossTests.startAndDie(facts)
            }
            #expect(!bench.processes.isEmpty)
            await bench.runner.sweep(keeping: [])
            #expect(try await bench.containers() == [])
            try FileManager.default.removeItem(atPath: sign)
        }
    }

    @Test func `a container that podman knows only from its storage is swept`() async throws {
        try await RunnerFixture.with(RunnerKind.podman) { bench in
            try bench.prepare(bench.mark)
            // A podman with a record of its own makes a container that the other has no record of.
            let folder = try #require(bench.engine).folder
            let record = "[engine]\nstatic_dir = \"\(bench.state.path)/record\"\ntmp_dir = \"\(folder)/tmp\"\n"
            let storage =
                "[storage]\ndriver = \"overlay\"\ngraphroot = \"\(folder)/root\"\nrunroot = \"\(folder)/run\"\n"
            let other = ContainerEngine(
                kind: .podman,
                environment: [
                    "CONTAINERS_CONF": bench.state.path + "/record.conf",
                    "CONTAINERS_STORAGE_CONF": bench.state.path + "/storage.conf",
                ])
            try record.write(toFile: bench.state.path + "/record.conf", atomically: false, encoding: .utf8)
            try storage.write(toFile: bench.state.path + "/storage.conf", atomically: false, encoding: .utf8)
            let name = ContainerCommand.name(of: bench.mark)
            _ = try await other.ask(["create", "--name", name, "localhost/skeleton:1", "true"])
            #expect(try await bench.containers() == ["\(name) Storage"])
            await bench.runner.sweep(keeping: [bench.mark])
            #expect(try await bench.containers() == ["\(name) Storage"])
            await bench.runner.sweep(keeping: [])
            #expect(try await bench.containers() == [])
        }
    }

    /// Starts an attempt in a process of its own, which dies after some milliseconds, or when a file is there.
    private static func startAndDie(_ facts: [String]) async throws {
        let kind = try #require(ContainerEngine.Kind(rawValue: facts[1]))
        var engine = try await RunningEngine.engine(kind, in: facts[2]).probed()
        if !facts[5].isEmpty { engine.command += ["--runtime", facts[5]] }
        let order = try JSONDecoder().decode(WorkOrder.self, from: Data(facts[3].utf8))
        try await ContainerRunner(state: StateFolder(path: facts[0]), engine: engine).start(order)
        if let delay = UInt32(facts[4]) {
            usleep(delay * 1000)
        } else {
            while access(facts[4], F_OK) != 0 { usleep(10_000) }
        }
        kill(getpid(), SIGKILL)
    }

    @Test(arguments: [125, 126, 1])
    func `an engine whose disk is full says so`(_ status: Int) {
        let words = "time=\"x\" level=warning msg=y\nError: writing a/b: no space left on device\n"
        let failure = ContainerExit(.code(status)).failure(of: "i", words.utf8)
        #expect(failure.reason == .environmentDiskFull)
        #expect(
            failure.detail.hasSuffix(
                ": Error: writing a/b: no space left on device; hint: free some space where the engine stores images and "
                    + "containers"))
    }

    private func name(of process: Int32) -> String {
        let text = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
