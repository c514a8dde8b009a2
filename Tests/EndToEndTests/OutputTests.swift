// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("what builds print and leave running")
struct OutputTests {
    private func attempt(_ forge: MiniForge, _ script: String, limits: String = "{}") async throws -> (JSON, String) {
        try forge.stack("policy: {reruns: 0}")
        try forge.project("base", files: ["build.sh": script + "\n"], "limits: \(limits)")
        let ended = try await forge.canary("run", "--json")
        let job = try ended.document().job("base@local/head")
        return (job, try #require(job["attempts"][0]["attempt"].text))
    }

    @Test func `a grandchild that ignores TERM does not outlive its attempt`() async throws {
        try await MiniForge.with { forge in
            let script = "(trap '' TERM; echo up; while :; do sleep 1; done) & setsid sleep 1000 & sleep 1000"
            let (job, _) = try await attempt(forge, script, limits: "{attempt: 1s}")
            #expect(job["result"] == "timedOut")
            #expect(processes(mentioning: forge.root) == [])
        }
    }

    @Test func `background processes end with their stage, which has passed`() async throws {
        try await MiniForge.with { forge in
            let (job, _) = try await attempt(
                forge, "(trap '' TERM HUP; sleep 1000) & nohup sleep 1000 > /dev/null & echo done")
            #expect(job["result"] == "passed")
            #expect(processes(mentioning: forge.root) == [])
        }
    }

    @Test func `a stage that closes its output still runs to its end`() async throws {
        try await MiniForge.with { forge in
            let (job, _) = try await attempt(forge, "exec >&- 2>&-; sleep 0.3; exit 7")
            #expect(job["result"] == "failed" && job["attempts"][0]["stages"][0]["exit"] == 7)
        }
    }

    @Test func `a line of 2 MB and NUL bytes are stored unchanged, and the error after them is found`() async throws {
        try await MiniForge.with { forge in
            let script = """
                head -c 2000000 /dev/zero | tr '\\0' x; echo
                printf 'a\\000b\\000\\n'; printf '\\377\\376\\n'
                echo 'src/a.c:7:3: error: no'; exit 1
                """
            let (job, id) = try await attempt(forge, script)
            #expect(job["firstError"] == ["text": "src/a.c:7:3: error: no", "file": "src/a.c", "line": 7, "names": []])
            let raw = try await forge.canary("log", id, "--raw").expect(0)
            let expected =
                Data(repeating: UInt8(ascii: "x"), count: 2_000_000) + Data("\na\0b\0\n".utf8) + [255, 254, 10]
            #expect(raw.data == expected + Data("src/a.c:7:3: error: no\n".utf8))
            let plain = try await forge.canary("log", id).expect(0)
            #expect(!plain.data.contains(0) && plain.output.hasSuffix("src/a.c:7:3: error: no\n"))
        }
    }

    @Test func `of a log of 200 MB, beginning and end are stored, and the log says how much was left out`() async throws
    {
        try await MiniForge.with { forge in
            let script =
                "echo first; yes 0123456789abcdef0123456789abcdef | head -c 200000000; echo; echo 'a.c:1: error: last'; exit 1"
            let (job, id) = try await attempt(forge, script, limits: "{log: 1MiB}")
            #expect(job["result"] == "failed" && job["firstError"]["text"] == "a.c:1: error: last")
            let log = try await forge.canary("log", id).expect(0)
            #expect(log.output.hasPrefix("==> build\nfirst\n") && log.output.hasSuffix("a.c:1: error: last\n"))
            #expect(log.output.contains(/\[canary: \d+ bytes left out\]/) && log.data.count < 1_100_000)
        }
    }
}
