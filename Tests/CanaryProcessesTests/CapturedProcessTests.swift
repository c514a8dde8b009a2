// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryProcesses

@Suite("A captured process", .timeLimit(.minutes(1)))
struct CapturedProcessTests {
    private func run(_ script: String, _ words: String..., within limit: Duration = .seconds(30)) async throws
        -> CapturedProcess.End
    {
        try await CapturedProcess.run(Command("/bin/sh", ["-c", script, "sh"] + words), within: limit)
    }

    @Test func `gives both streams apart, and its exit status`() async throws {
        let end = try await run("echo out; echo err >&2; exit 3")
        #expect(end.output == Array("out\n".utf8) && end.errors == Array("err\n".utf8))
        #expect(end.status == .code(3) && end.cut == nil)
    }

    @Test func `gets its arguments as they are`() async throws {
        let end = try await run(#"printf '%s|' "$@""#, "a b", "$(id)", "*", "'")
        #expect(String(decoding: end.output, as: UTF8.self) == "a b|$(id)|*|'|")
    }

    @Test func `reads its input, which may be large, or nothing`() async throws {
        let input = [UInt8](repeating: 120, count: 1 << 20)
        let cat = Command("/bin/cat")
        #expect(try await CapturedProcess.run(cat, input: input, within: .seconds(30)).output == input)
        #expect(try await CapturedProcess.run(cat, within: .seconds(30)).output == [])
    }

    @Test func `that takes too long is ended with all it started`() async throws {
        let end = try await run("sleep 300 & echo $!; exec sleep 300", within: .milliseconds(200))
        #expect(end.cut == .time && end.status == .signal(Int(SIGTERM)))
        let child = try #require(pid_t(String(decoding: end.output, as: UTF8.self).dropLast()))
        try await eventually { kill(child, 0) != 0 }
    }

    @Test func `that cannot be started says so by name`() async throws {
        await #expect(throws: LaunchFailure.self) {
            try await CapturedProcess.run(Command("/no/such/program"), within: .seconds(1))
        }
    }
}

@Suite("A fed process", .timeLimit(.minutes(1)))
struct FedProcessTests {
    @Test func `reads its input, and may ignore it`() async throws {
        let large = [UInt8](repeating: 0x61, count: 1 << 20)
        let counted = try await FedProcess.run(
            Command("/bin/sh", ["-c", "wc -c >&2"]), input: large, within: .seconds(30))
        #expect(counted.status == .code(0) && counted.errors.contains("\(1 << 20)"))
        let deaf = try await FedProcess.run(Command("/bin/sh", ["-c", "exit 7"]), input: large, within: .seconds(30))
        #expect(deaf.status == .code(7) && !deaf.isOutOfTime)
    }

    @Test func `is ended when it takes too long`() async throws {
        let end = try await FedProcess.run(
            Command("/bin/sh", ["-c", "trap '' TERM; sleep 300"]), input: [], within: .milliseconds(100))
        #expect(end.isOutOfTime && end.status == .signal(Int(SIGKILL)))
    }
}
