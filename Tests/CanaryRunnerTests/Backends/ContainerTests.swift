// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

/// What every engine's containers promise beyond what every runner does.
@Suite("ContainerRunner", .timeLimit(.minutes(5)))
struct ContainerTests {
    // MARK: A closed container

    @Test(arguments: RunnerKind.containers)
    func `a container is closed`(_ kind: RunnerKind) async throws {
        let script = """
            grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'
            ls /sys/class/net
            for place in / /usr /etc /canary /opt/aswf /canary/.run "$CANARY_UPSTREAM_IMATH"; do
                if (: >"$place/new") 2>/dev/null; then echo "wrote $place"; fi
            done
            for place in "$HOME" "$TMPDIR" /tmp "$CANARY_SOURCE" "$CANARY_BUILD" "$CANARY_PREFIX"; do
                : >"$place/new"
            done
            cat /proc/1/comm
            """
        try await RunnerFixture.with(kind) { bench in
            let order = bench.order(
                [StageScript(stage: .build, run: script)], upstreams: [.init(project: "imath", key: "k2")])
            let ended = try await bench.run(order)
            #expect(ended.cause == .completed)
            let none = "0000000000000000"
            #expect(
                ended.log.hasPrefix(
                    "CapPrm:\(none)\nCapEff:\(none)\nCapBnd:\(none)\nNoNewPrivs:1\nSeccomp:2\nlo\n"))
            #expect(!ended.log.contains("wrote"))
            let installed = bench.state.prefix(of: "openexr", key: "key0") + "/new"
            #expect(FileManager.default.fileExists(atPath: installed))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `paths are the same in every attempt`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let script = "pwd; echo $CANARY_SOURCE $CANARY_PREFIX $CANARY_UPSTREAM_IMATH $HOME $TMPDIR $LD_LIBRARY_PATH"
            let container = ContainerSpec(
                image: try #require(bench.engine).image, variables: ["LD_LIBRARY_PATH": "/opt/x", "A": "b c"])
            let order = bench.order(
                [StageScript(stage: .build, run: script + "; echo $A $ASWF_INSTALL_PREFIX $PATH")],
                upstreams: [.init(project: "imath", key: "k2")], container: container)
            #expect(
                try await bench.run(order).log == """
                    /canary/.build
                    /canary/.source /canary/openexr /canary/imath /canary/.home /canary/.tmp \
                    /canary/imath/lib:/canary/imath/lib64:/opt/x
                    b c /opt/aswf /usr/bin:/bin

                    """)
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `the image's own copies are hidden`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let script = """
                cd /opt/aswf
                find include lib -type f -size +0 | sort; ls -A include/Imath; cat lib/libImath.so
                """
            let container = ContainerSpec(
                image: try #require(bench.engine).image,
                hidden: ["include/Imath", "lib*/libImath*", "no $(touch /canary/.build/bad)*"])
            let hidden = try await bench.run(
                bench.order([StageScript(stage: .build, run: script)], container: container))
            #expect(hidden.cause == .completed)
            #expect(hidden.log == "lib/libother.so\n")
            #expect(Folder.names(in: bench.state.attempt(bench.mark).build) == [])
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `compilers go through the cache of project and variant`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let script = """
                echo 'int main() { return 0; }' >a.cc
                c++ -c a.cc && rm a.o && c++ -c a.cc
                command -v c++; ccache --print-stats | grep direct_cache_hit
                """
            let container = ContainerSpec(image: try #require(bench.engine).image, compilerCache: .shared)
            let ended = try await bench.run(
                bench.order([StageScript(stage: .build, run: script)], container: container))
            #expect(ended.log == "/canary/.compilers/c++\ndirect_cache_hit\t1\n")
            #expect(!Folder.names(in: bench.state.compilerCache(of: "openexr", variant: "vfx2026")).isEmpty)
        }
    }

    // MARK: Limits

    @Test(
        arguments: RunnerKind.containers,
        [
            "python3 -c 'b = bytearray(1 << 30)'", "python3 -c 'b = bytearray(1 << 30)' || exit 3",
            "setsid python3 -c 'b = bytearray(1 << 30)' & wait $!",
        ])
    func `too much memory is its own reason`(_ kind: RunnerKind, _ script: String) async throws {
        try await RunnerFixture.with(kind) { bench in
            let ended = try await bench.run(script, limits: AttemptLimits(memory: .mebibytes(64)))
            #expect(ended.cause == .limit(.limitMemory, .build))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `processes are counted`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let script = "i=0; while [ $i -lt 60 ]; do sleep 600 & i=$((i + 1)); done; echo all"
            let ended = try await bench.run(script, limits: AttemptLimits(processes: 30))
            #expect(ended.cause != .completed)
            #expect(!ended.log.contains("all"))
        }
    }

    // MARK: Images

    @Test(arguments: RunnerKind.containers)
    func `an image that is not there starts nothing`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            for image in ["localhost/nosuch:1", "localhost/nosuch@sha256:" + String(repeating: "0", count: 64)] {
                let order = bench.order([], container: ContainerSpec(image: image))
                try bench.prepare(order.attempt)
                let failure = await #expect(throws: RunnerFailure.self) { try await bench.runner.start(order) }
                #expect(failure?.reason == .environmentImage)
                #expect(failure?.detail.contains("hint: ") == true)
            }
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `an image of another digest starts nothing`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let order = bench.order([], container: ContainerSpec(image: "localhost/empty:1"))
            try bench.prepare(order.attempt)
            let failure = await #expect(throws: RunnerFailure.self) { try await bench.runner.start(order) }
            #expect(failure?.reason == .environmentImage)
        }
    }

    @Test(arguments: [RunnerKind.podman])
    func `when a reference has moved to another digest, the requested one is found`(
        _ kind: RunnerKind
    ) async throws {
        try await RunnerFixture.with(kind) { bench in
            let moved = "localhost/skeleton@sha256:" + String(repeating: "0", count: 64)
            let order = bench.order([StageScript(stage: .build, run: "true")], container: ContainerSpec(image: moved))
            let ended = try await bench.run(order)
            #expect(ended.cause == .completed)
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `an image without a shell says so`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            var engine = try #require(bench.engine).engine
            engine.runArguments = []
            let image = "localhost/empty:1"
            let digest = try await engine.images.digest(of: image)
            let runner = ContainerRunner(state: bench.state, engine: engine)
            let order = WorkOrder(
                attempt: bench.mark, environment: digest, project: "openexr", revision: bench.mark,
                prefixKey: "key0", variant: "v", lane: .head,
                recipe: Recipe(stages: [StageScript(stage: .build, run: ":")], network: false), upstreams: [],
                sourceDateEpoch: 0, jobs: 1, limits: AttemptLimits(), container: ContainerSpec(image: image))
            try bench.prepare(order.attempt)
            try await runner.start(order)
            var events: [AttemptEvent] = []
            for await event in runner.events(of: order.attempt) { events.append(event) }
            guard case .finished(let end) = events.last,
                case .infrastructure(let reason, .build, let detail) = end.cause
            else { throw RunnerFixture.NoEnd() }
            #expect(reason == .environmentImage)
            #expect(detail.hasSuffix("hint: an image needs `/bin/sh`, `cp` and `setsid`"))
        }
    }

    @Test(arguments: RunnerKind.containers)
    func `the digest of an image and the version of the engine are found`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let running = try #require(bench.engine)
            #expect(try await running.engine.images.digest(of: "localhost/skeleton:1") == running.digest)
            #expect(try await running.engine.version().hasPrefix(kind.testDescription + " "))
        }
    }
}
