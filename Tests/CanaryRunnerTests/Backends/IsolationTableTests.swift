// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

/// The table of `docs/operations.md` is what stages of each runtime found when they tried.
@Suite("isolation", .timeLimit(.minutes(5)))
struct IsolationTableTests {
    /// A measure, and the command that succeeds where it holds.
    private static let measures = [
        ("no capabilities", "grep -q '^CapEff:.0*$' /proc/self/status && grep -q '^CapBnd:.0*$' /proc/self/status"),
        ("no new privileges through set-id programs", "grep -q '^NoNewPrivs:.1' /proc/self/status"),
        ("system calls are filtered", "grep -q '^Seccomp:.2' /proc/self/status"),
        ("no network unless `network: true`", "[ \"$(ls /sys/class/net)\" = lo ]"),
        ("the system is read-only", "! touch /etc/canary-probe && ! touch /usr/canary-probe"),
        ("installed upstreams are read-only", "! touch \"$CANARY_UPSTREAM_IMATH/probe\""),
        ("folders of the build are `nosuid`", "[ \"$(flags \"$CANARY_PREFIX\" nosuid)\" = yes ]"),
        ("folders of the build are `nodev`", "[ \"$(flags \"$CANARY_PREFIX\" nodev)\" = yes ]"),
        ("files of this machine are out of sight", "[ ! -e \"$HERE\" ]"),
        ("processes of this machine are out of sight", "! tr '\\0' ' ' <\"/proc/$DRIVER/cmdline\" | grep -q canary"),
        ("names in this machine's `/etc/hosts` are out of sight", "[ \"$(cat /etc/hosts)\" != \"$HOSTS\" ]"),
        (
            "stages cannot answer in the driver's place",
            "! (: >/proc/1/fd/4) && ! (: >/canary/.run/answers) && [ -d /canary/.run ]"
        ),
        ("the log is the only way to print", "! (: >/proc/1/fd/1) && [ -d /canary/.run ]"),
    ]

    private static let script = """
        flags() { grep " $1 " /proc/self/mountinfo | head -1 | grep -q "[ ,]$2[ ,]" && echo yes; }
        exec 2>/dev/null
        """

    /// What the commands found in a runtime, in the order of `measures`.
    private func found(in kind: RunnerKind) async throws -> [Bool] {
        var found: [Bool] = []
        try await RunnerFixture.with(kind) { bench in
            try bench.prepare(bench.mark)
            let hosts = try String(contentsOfFile: "/etc/hosts", encoding: .utf8)
            let facts = "HERE='\(#filePath)' DRIVER=\(getpid()) HOSTS='\(hosts.trimmingCharacters(in: .newlines))'\n"
            let probes = Self.measures.map { "if \($0.1); then echo yes; else echo no; fi\n" }.joined()
            let ended = try await bench.run(
                bench.order(
                    [StageScript(stage: .build, run: facts + Self.script + "\n" + probes)],
                    upstreams: [.init(project: "imath", key: "k2")]))
            #expect(ended.cause == .completed)
            found = ended.log.split(separator: "\n").map { $0 == "yes" }
        }
        #expect(found.count == Self.measures.count)
        return found
    }

    @Test func `the table of isolation measures is what stages find`() async throws {
        var columns: [[Bool]] = []
        for kind in RunnerKind.all.reversed() { columns.append(try await found(in: kind)) }
        let rows = Self.measures.indices.map { row in
            "| \(Self.measures[row].0) | \(columns.map { $0[row] ? "yes" : "no" }.joined(separator: " | ")) |"
        }
        let names = RunnerKind.all.reversed().map(\.testDescription).joined(separator: " | ")
        let table = (["| measure | \(names) |", "| --- | --- | --- | --- |"] + rows).joined(separator: "\n")
        let path = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../docs/operations.md")
            .standardizedFileURL.path
        let document = try #require(text(path))
        #expect(document.contains(table), "docs/operations.md should have:\n\(table)")
    }
}
