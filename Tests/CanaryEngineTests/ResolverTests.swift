// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryModel
import CanaryRunner
import Foundation
import Glibc
import Testing

@testable import CanaryEngine

@Suite("Resolver")
struct ResolverTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `heads, releases and pins become one snapshot`() async throws {
        try await EngineFixture.with { bench in
            let released = try await bench.commit("base", "1")
            try await bench.git("-C", "\(bench.root)/forge/base", "tag", "v1.2.0")
            let head = try await bench.commit("base", "2")
            try await bench.git("-C", "\(bench.root)/forge/base", "tag", "v2.0.0-rc1")
            let own = try await bench.commit("left")
            let pin = Upstream(project: "base", pin: Pin(revision: "v1.2.0"))
            let over = Pin(revision: "nowhere", until: Date(timeIntervalSince1970: 0))
            try await bench.commit("right")
            let stack = try bench.stack(
                [
                    bench.project("base", tags: "v*"), bench.project("left", on: [pin]),
                    bench.project("right", on: [Upstream(project: "base", pin: over)]),
                ], lanes: [.head, .release])
            let snapshot = await bench.resolver(stack).snapshot(
                for: Selection(), environments: Environments(ids: ["local": "e"]), now: now)
            #expect(
                snapshot.revisions["base"]?.source?.revision == head
                    && snapshot.revisions["left"]?.source?.revision == own)
            #expect(snapshot.releases.mapValues(\.source?.revision) == ["base": released])
            #expect(
                snapshot.pins.mapValues(\.source?.revision) == [
                    PinnedRevision(project: "base", revision: "v1.2.0"): released
                ])
            #expect(snapshot.environments == ["local": "e"] && snapshot.failures == 0)
        }
    }

    @Test func `failures are part of the snapshot, and only they are resolved again`() async throws {
        try await EngineFixture.with { bench in
            let first = try await bench.commit("base")
            try await bench.commit("other", branch: "trunk")
            let stack = try bench.stack([bench.project("base"), bench.project("other"), bench.project("gone")])
            let resolver = bench.resolver(stack)
            let snapshot = await resolver.snapshot(for: Selection(), environments: Environments(ids: [:]), now: now)
            #expect(reason(snapshot, "other") == .fetchBranchMissing && reason(snapshot, "gone") == .fetchUnreachable)
            #expect(snapshot.failures == 2)
            try await bench.commit("base", "2")
            let came = try await bench.commit("gone")
            let again = await resolver.snapshot(
                for: Selection(), environments: Environments(ids: [:]), previous: snapshot, now: now)
            #expect(again.revisions["base"]?.source?.revision == first, "one run sees one head")
            #expect(again.revisions["gone"]?.source?.revision == came && reason(again, "other") == .fetchBranchMissing)
        }
    }

    private func reason(_ snapshot: Snapshot, _ project: String) -> ReasonCode? {
        guard case .failed(let reason, _)? = snapshot.revisions[project] else { return nil }
        return reason
    }

    @Test func `only what the selection needs is resolved`() async throws {
        try await EngineFixture.with { bench in
            for name in ["base", "left", "right"] { try await bench.commit(name) }
            let stack = try bench.stack([
                bench.project("base"), bench.project("left", on: [Upstream(project: "base")]), bench.project("right"),
            ])
            let jobs: Set = [JobID(project: "left", variant: "local", lane: .head)]
            let snapshot = await bench.resolver(stack).snapshot(
                for: Selection(jobs: jobs), environments: Environments(ids: [:]), now: now)
            #expect(snapshot.revisions.keys.sorted() == ["base", "left"])
        }
    }

    @Test func `another repository and a pinned revision override the manifest`() async throws {
        try await EngineFixture.with { bench in
            let old = try await bench.commit("base", "1")
            try await bench.commit("base", "2")
            try await bench.commit("left")
            let fork = try await bench.commit("fork")
            let stack = try bench.stack([bench.project("base"), bench.project("left")])
            var overrides = Overrides()
            overrides.revisions = ["base": old]
            overrides.sources = ["left": "\(bench.root)/forge/fork"]
            let resolver = bench.resolver(stack, overrides: overrides)
            let snapshot = await resolver.snapshot(for: Selection(), environments: Environments(ids: [:]), now: now)
            #expect(
                snapshot.revisions["base"]?.source?.revision == old
                    && snapshot.revisions["left"]?.source?.revision == fork)
            #expect(resolver.mirror(of: bench.project("left")).address == "\(bench.root)/forge/fork")
        }
    }

    @Test func `at most eight remotes are asked at the same time`() async throws {
        try await EngineFixture.with { bench in
            let names = (1...20).map { "p\($0)" }
            for name in names { try await bench.commit(name) }
            let real = try #require(
                ["/usr/local/bin/git", "/usr/bin/git"].first(where: FileManager.default.fileExists))
            // The first eight wait for each other: they all get through only when eight run at once.
            let wrapper = """
                #!/bin/sh
                case "$*" in *fetch*) ;; *) exec \(real) "$@" ;; esac
                : > '\(bench.root)/alive'/$$; ls '\(bench.root)/alive' | wc -l >> '\(bench.root)/counts'
                n=0; until test -e '\(bench.root)/eight' || test $n -gt 500; do
                    test "$(ls '\(bench.root)/alive' | wc -l)" -lt 8 || : > '\(bench.root)/eight'
                    n=$((n + 1)); sleep 0.01
                done
                \(real) "$@"; status=$?; rm '\(bench.root)/alive'/$$; exit $status

                """
            for folder in ["alive", "bin"] {
                try FileManager.default.createDirectory(
                    atPath: "\(bench.root)/\(folder)", withIntermediateDirectories: true)
            }
            try wrapper.write(toFile: "\(bench.root)/git", atomically: false, encoding: .utf8)
            // Written by another program: what a test beside this one starts might hold a descriptor of ours (ETXTBSY).
            let words = ["-m", "755", "\(bench.root)/git", "\(bench.root)/bin/git"]
            try Process.run(URL(fileURLWithPath: "/usr/bin/install"), arguments: words).waitUntilExit()
            let git = Git(environment: ["PATH": "\(bench.root)/bin:/usr/bin:/bin", "HOME": bench.root])
            let stack = try bench.stack(names.map { bench.project($0) })
            let snapshot = await bench.resolver(stack, git: git).snapshot(
                for: Selection(), environments: Environments(ids: [:]), now: now)
            #expect(snapshot.failures == 0 && FileManager.default.fileExists(atPath: "\(bench.root)/eight"))
            let counts = try String(contentsOfFile: "\(bench.root)/counts", encoding: .utf8).split(
                whereSeparator: \.isWhitespace)
            #expect(counts.compactMap { Int($0) }.max() == 8)
        }
    }

    @Test func `a hanging remote ends at the time limit and delays no other`() async throws {
        try await EngineFixture.with { bench in
            let head = try await bench.commit("base")
            let listener = try Listener()
            let stack = try bench.stack([
                bench.project("base"), bench.project("hangs", address: "git://127.0.0.1:\(listener.port)/x.git"),
            ])
            let git = Git(limits: GitLimits(answer: .milliseconds(400)))
            let began = ContinuousClock.now
            let snapshot = await bench.resolver(stack, git: git).snapshot(
                for: Selection(), environments: Environments(ids: [:]), now: now)
            #expect(ContinuousClock.now - began < .seconds(60))
            #expect(reason(snapshot, "hangs") == .fetchTimeout && snapshot.revisions["base"]?.source?.revision == head)
        }
    }
}

/// A port of this machine that takes connections and never answers.
private final class Listener: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(descriptor, plain, size) | listen(descriptor, 8) | getsockname(descriptor, plain, &size)
            }
        }
        try #require(code == 0)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
