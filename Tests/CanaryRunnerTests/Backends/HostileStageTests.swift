// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

/// What a stage that wants to do harm can reach in its container.
@Suite("ContainerRunner, hostile stages", .timeLimit(.minutes(5)))
struct HostileStageTests {
    /// Each tries to be believed by canary, then ends with 7.
    private static let forgeries = [
        "for i in 1 2 3; do echo 'ended 0' >/canary/.run/answers; done",
        "for file in /proc/[0-9]*/fd/[0-9]*; do case $(readlink $file) in *pipe*|*.run*) echo 'ended 0' >$file;; esac; done",
        "echo 'ended 0' >/proc/1/fd/4; echo 'ended 0' >/proc/1/root/canary/.run/answers",
        """
        python3 -c '
        import ctypes, os
        c = ctypes.CDLL(None, use_errno=True)
        for p in filter(str.isdigit, os.listdir("/proc")):
            if int(p) == os.getpid(): continue
            if c.ptrace(0x4206, int(p), 0, 0) == 0 and open(f"/proc/{p}/cmdline").read().startswith("/canary/.driver"):
                open(os.environ["CANARY_BUILD"] + "/attached", "w")
            try: f = open(f"/proc/{p}/mem", "rb") if p == "1" else None
            except OSError: f = None
            if f: open(os.environ["CANARY_BUILD"] + "/read", "w")
        '
        """,
    ]

    @Test(arguments: RunnerKind.containers, forgeries)
    func `a stage cannot answer in the driver's place`(_ kind: RunnerKind, _ forgery: String) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("{ \(forgery)\n} >/dev/null 2>&1 || :\nexit 7")
            #expect(ended.cause == .stageFailed(.build, .code(7)))
            #expect(Folder.names(in: bench.state.attempt(bench.mark).build) == [])
        }
    }

    @Test(
        arguments: RunnerKind.containers,
        [
            "kill -KILL -1; sleep 5; exit 1", "kill -KILL 1; kill -TERM 1; kill -STOP 1; exit 1",
            "kill -USR1 1; sleep 5",
            "exit 137", "exit 143", "kill -KILL $$",
            "for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = $$ ] || kill -SEGV $p; done; sleep 1; exit 1",
        ])
    func `what a stage does to its container is its own failure`(_ kind: RunnerKind, _ script: String) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(script)
            guard case .stageFailed(.build, let status) = ended.cause else {
                Issue.record("\(ended.cause)")
                return
            }
            #expect(status != .code(0))
            #expect(ended.end.machine?.oomKills == 0)
        }
    }

    private static let others =
        "for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = 1 ] || [ $p = $$ ] || kill -9 $p; done 2>&-"

    @Test(arguments: RunnerKind.containers)
    func `limits hold when a stage ends whoever would tell it`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            var engine = try #require(bench.engine).engine
            engine.patience.end = .seconds(1)
            let runner = ContainerRunner(state: bench.state, engine: engine, grace: .milliseconds(200))
            try bench.prepare(bench.mark)
            let script = "\(Self.others); trap '' TERM; while :; do sleep 0.1; done"
            try await runner.start(
                bench.order(
                    [StageScript(stage: .build, run: script)], limits: AttemptLimits(attempt: TimeSpan(seconds: 2))))
            var last: AttemptEvent?
            for await event in runner.events(of: bench.mark) { last = event }
            guard case .finished(let end) = last else { throw RunnerFixture.NoEnd() }
            #expect(end.cause == .limit(.limitAttempt, .build))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `a stage has no keyring of this machine`(_ kind: RunnerKind) async throws {
        let script = """
            python3 -c '
            import ctypes
            c = ctypes.CDLL(None, use_errno=True)
            for call in (248, 249, 250): print(c.syscall(call, 0, 0, 0, 0, 0), ctypes.get_errno() in (1, 38))
            '
            """
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(script)
            #expect(ended.log == "-1 True\n-1 True\n-1 True\n")
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `a stage cannot print past its log`(_ kind: RunnerKind) async throws {
        let script = """
            for file in /proc/1/fd/1 /proc/1/fd/2; do (echo "Error: no space left on device" >$file) 2>/dev/null && echo open; done
            cat /proc/1/environ 2>/dev/null | tr '\\0' '\\n'
            exit 1
            """
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(script)
            #expect(ended.log == "")
            #expect(ended.cause == .stageFailed(.build, .code(1)))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `an upstream's C library breaks the stage, not the driver`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let library = bench.state.prefix(of: "imath", key: "k2") + "/lib"
            try bench.prepare(bench.mark)
            try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: library + "/libc.so.6"))
            let order = bench.order(
                [StageScript(stage: .build, run: "echo hi")], upstreams: [.init(project: "imath", key: "k2")])
            let ended = try await bench.run(order)
            #expect(ended.cause == .stageFailed(.build, .code(127)))
            #expect(ended.log.contains("libc.so.6"))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `the names of this machine's network stay outside`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(
                "hostname; grep -v -e localhost -e ip6- -e canary /etc/hosts; getent hosts localhost")
            #expect(ended.log.hasPrefix("canary\n"))
            #expect(!ended.log.contains("runsc"))
            let own = try String(contentsOfFile: "/etc/hosts", encoding: .utf8)
            for line in own.split(separator: "\n") where !line.contains("localhost") && !line.hasPrefix("#") {
                #expect(!ended.log.contains(line))
            }
        }
    }

    @Test func `the proxy's password in docker's settings does not reach a container`() async throws {
        try await RunnerFixture.with(RunnerKind.docker) { bench in
            var engine = try #require(bench.engine).engine
            let settings = bench.state.path + "/docker"
            try FileManager.default.createDirectory(atPath: settings, withIntermediateDirectories: true)
            let proxies = #"{"proxies": {"default": {"httpProxy": "http://a:hunter2@p:1", "noProxy": "hunter2"}}}"#
            try Data(proxies.utf8).write(to: URL(fileURLWithPath: settings + "/config.json"))
            engine.environment["DOCKER_CONFIG"] = settings
            try bench.prepare(bench.mark)
            let runner = ContainerRunner(state: bench.state, engine: engine)
            let script = "env; for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/environ 2>/dev/null || :; done; echo looked"
            try await runner.start(bench.order([StageScript(stage: .build, run: script)]))
            for await _ in runner.events(of: bench.mark) {}
            #expect(bench.log(of: bench.mark).hasSuffix("looked\n"))
            #expect(!bench.log(of: bench.mark).contains("hunter2"))
            #expect(!bench.log(of: bench.mark).lowercased().contains("proxy"))
        }
    }

    // MARK: - What it leaves

    @Test(arguments: RunnerKind.containers)
    func `a borrowed compiler cache is read, and what is left in it is discarded`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let image = try #require(bench.engine).image
            let plant = """
                echo 'int main() { return 0; }' >a.cc; c++ -c a.cc
                echo "prefix_command = /bin/false" >"$CCACHE_DIR/ccache.conf"; ccache --print-stats | grep direct_cache_hit
                """
            func build(_ script: String, _ use: ContainerSpec.CompilerCache) async throws -> Ended {
                try await bench.run(
                    bench.order(
                        [StageScript(stage: .build, run: script)],
                        attempt: "\(bench.mark)-\(UUID().uuidString.prefix(4).lowercased())",
                        container: ContainerSpec(image: image, compilerCache: use)))
            }
            let compile = "echo 'int main() { return 0; }' >a.cc; c++ -c a.cc"
            #expect(try await build(compile, .shared).cause == .completed)
            let cache = bench.state.compilerCache(of: "openexr", variant: "vfx2026")
            let before = DiskUse.of(cache).bytes
            let borrowed = try await build(plant, .borrowed)
            #expect(borrowed.cause == .completed)
            // Only podman can lay a build's own folder over the cache.
            #expect(borrowed.log == "direct_cache_hit\t\(kind.testDescription == "podman" ? 1 : 0)\n")
            #expect(DiskUse.of(cache).bytes == before)
            #expect(!FileManager.default.fileExists(atPath: cache + "/ccache.conf"))
            // Nor does a file of settings count that a build of the branch head leaves there.
            let settings = "echo 'prefix_command = /bin/false' >\"$CCACHE_DIR/ccache.conf\""
            #expect(try await build(settings, .shared).cause == .completed)
            #expect(try await build(compile + "; rm a.o; echo '//' >>a.cc; c++ -c a.cc", .shared).cause == .completed)
        }
    }

    @Test(arguments: RunnerKind.all)
    func `an attempt takes no more of the disk than it may`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let limits = AttemptLimits(attempt: .minutes(2), disk: .mebibytes(96))
            let script = "for i in 1 2 3; do head -c 64M /dev/zero >$i; done; sleep 100"
            let ended = try await bench.run(script, limits: limits)
            #expect(ended.cause == .limit(.limitDisk, .build))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `a file with holes is not longer than an attempt's share of the disk`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run("truncate -s 1T a", limits: AttemptLimits(disk: .gibibytes(1)))
            #expect(ended.cause != .completed)
        }
    }

    // MARK: - Who it is

    @Test func `the root of a build is nobody outside`() async throws {
        try await RunnerFixture.with(RunnerKind.podman) { bench in
            var engine = try #require(bench.engine).engine
            engine.owner = BuildOwner(user: 2_000_000, group: 2_000_000)
            try bench.prepare(bench.mark)
            let source = bench.state.attempt(bench.mark).source
            try Data("a".utf8).write(to: URL(fileURLWithPath: source + "/file"))
            let runner = ContainerRunner(state: bench.state, engine: engine)
            let script = """
                id -u; echo b >>"$CANARY_SOURCE/file"; echo c >"$CANARY_PREFIX/made"; echo d >"$TMPDIR/e"
                echo 'int main() { return 0; }' >a.cc; c++ a.cc -o a; ./a; for i in 1 2 3; do sleep 0.1; done
                """
            let container = ContainerSpec(image: try #require(bench.engine).image, compilerCache: .shared)
            try await runner.start(bench.order([StageScript(stage: .build, run: script)], container: container))
            var last: AttemptEvent?
            for await event in runner.events(of: bench.mark) { last = event }
            guard case .finished(let end) = last else { throw RunnerFixture.NoEnd() }
            #expect(end.cause == .completed)
            #expect(bench.log(of: bench.mark) == "0\n")
            for path in [source + "/file", bench.state.prefix(of: "openexr", key: "key0") + "/made"] {
                let owner = try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? NSNumber
                #expect(owner?.intValue == 2_000_000)
            }
        }
    }

    @Test func `ids for builds come from what the machine has set aside`() {
        let text = "user:100000:65536\ncontainers:1:10\ncontainers:200000:655360\n"
        #expect(BuildOwner.start(in: text, of: "containers") == 200_000)
        #expect(BuildOwner.start(in: "root:1:65536\ncontainers:x:65536\n", of: "containers") == nil)
        #expect(
            BuildOwner(user: 5, group: 6).mapping == ["--uidmap=0:5:65536", "--gidmap=0:6:65536"])
    }

    @Test func `what podman's settings add to containers is known`() {
        let help = """
                  --device strings    Add a host device to the container (default [/dev/fuse:/dev/fuse:rwm])
              -e, --env stringArray   Set environment variables in container (default [A=1])
                  --umask string      Set umask in container (default "0022")
              -v, --volume stringArray   Bind mount a volume into the container (default [/a:/b:ro,/c:/d])
            """
        #expect(
            ContainerEngine.additions(in: help) == [
                "device /dev/fuse:/dev/fuse:rwm", "volume /a:/b:ro", "volume /c:/d",
            ])
    }
}
