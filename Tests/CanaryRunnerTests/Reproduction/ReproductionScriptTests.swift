// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

@Suite("ReproductionScript")
struct ReproductionScriptTests {
    /// Texts that would run something, or end a word too early, if they were taken for more than data.
    private static let hostile = [
        "", " ", "it's", "'", "''\\'", "$(touch marked)", "`touch marked`", "a;touch marked", "a\ntouch marked\n",
        "\"$HOME\"", "\\", "\\\n", "-n", "--", "*", "~", "#x", "$here", "'\u{301}$(touch marked)", "a\u{2028}b",
        "é\u{1F600}",
        "x=1", "\t", "::error::x", "a::b", "sed 's/##[a]//'", "x\n ::add-mask::y\n##\u{200B}[z]",
    ]

    // MARK: Words

    @Test(arguments: hostile) func `any text is one word of its own letters`(_ text: String) async throws {
        let word = ScriptText.word(text)
        #expect(try await shell("printf '[%s]' \(word) end") == "[\(text)][end]")
        let mixed = ScriptText.word("\(text)\(ScriptText.here)/\(text)")
        #expect(try await shell("here='/h x' jobs=2; printf '[%s]' \(mixed) end") == "[\(text)/h x/\(text)][end]")
    }

    @Test func `a remark stays on its line`() {
        let remark = ScriptText.remark(
            "a\nrm -rf /\r\u{1B}[31m\u{202E}\u{2028}\u{0}" + String(repeating: "x", count: 999))
        #expect(remark.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        #expect(remark.hasPrefix("a rm -rf /") && remark.count == 300)
        #expect(!remark.unicodeScalars.contains("\u{202E}") && !remark.unicodeScalars.contains("\u{2028}"))
    }

    // MARK: Scripts

    /// A reproduction with `text` wherever somebody else chooses what stands there.
    private func reproduction(_ text: String, image: String? = nil, stage: Stage = .build) -> Reproduction {
        let container = image.map { image in
            ContainerSpec(image: image, variables: ["A": text, "PATH": "/p"], hidden: ["include/\(text)", "lib*/x"])
        }
        func order(_ project: String, on upstreams: [String], _ stages: [StageScript]) -> WorkOrder {
            WorkOrder(
                attempt: "a1", environment: image == nil ? "process:0" : "sha256:0", project: project, revision: "abc",
                prefixKey: "k", variant: text, lane: .head, recipe: Recipe(stages: stages, network: false),
                upstreams: upstreams.map { .init(project: $0, key: "k") }, sourceDateEpoch: 1_700_000_000, jobs: 1,
                limits: AttemptLimits(memory: .gibibytes(1), processes: 7), container: container)
        }
        let upstream = Reproduction.Build(
            order: order("open-base", on: [], [StageScript(stage: .install, run: text)]), address: text, folder: text,
            submodules: true, isStandIn: true)
        let own = order("top", on: ["open-base"], [.configure, stage].map { StageScript(stage: $0, run: text) })
        return Reproduction(
            attempt: text,
            outcome: .ended(
                in: .build, reason: .buildCompiler, firstError: FirstError(text: text, file: text, line: 1)),
            upstreams: [upstream], build: Reproduction.Build(order: own, address: text), warnings: [text])
    }

    @Test(arguments: hostile) func `a shell accepts every script`(_ text: String) async throws {
        for image in [nil, "localhost/x:1@sha256:0"] {
            let script = ReproductionScript(reproduction(text, image: image)).text
            _ = try await shell(script, checkingOnly: true)
            #expect(script.hasPrefix("#!/bin/sh\n# Reproduces"))
            #expect(InertCommands.filtered(script) == script, "it is printed in workflows byte for byte")
        }
    }

    @Test(arguments: hostile) func `what others wrote is never run as text of the script`(_ text: String) async throws {
        let folder = "/tmp/canary-script-\(UUID().uuidString.prefix(13))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // No address here is a repository: the script ends at its first fetch, with all of its text read.
        let script = ReproductionScript(reproduction(text)).text
        let ended = try await run(script, in: folder)
        #expect(ended.status == .code(3), "\(ended.errors)")
        #expect(!(FileManager.default.subpaths(atPath: folder) ?? []).contains { $0.hasSuffix("marked") })
    }

    @Test func `a script says what it reproduces`() {
        let script = ReproductionScript(reproduction("plain", image: "localhost/x:1@sha256:0")).text
        for line in [
            "# project   top", "# revision  abc", "# variant   plain", "# lane      head", "# stage     build",
            "# error     plain", "# image     localhost/x:1@sha256:0",
            "# upstream  open-base abc (its last known good)", "# WARNING: plain",
        ] {
            #expect(script.contains("\n\(line)\n"), "\(line)")
        }
        #expect(script.contains("\nset -eu\n"))
    }

    @Test func `containers are closed as those of attempts are`() {
        let script = ReproductionScript(reproduction("plain", image: "localhost/x:1@sha256:0")).text
        let words =
            ContainerOptions.closed + ContainerOptions.closedInPodman + [
                "--network=none", "--pids-limit=7", "--memory=1073741824",
                "--env=CANARY_UPSTREAM_OPEN_BASE=/canary/open-base",
                "\"--mount=type=bind,source=$here/open-base/prefix,destination=/canary/open-base,readonly\"",
                "\"--mount=type=bind,source=$here/top/source,destination=/canary/.source\"",
                "\"--env=CANARY_JOBS=$jobs\"",
                "--env=SOURCE_DATE_EPOCH=1700000000", "--env=PATH=/p",
            ]
        for word in words { #expect(script.contains(word), "\(word)") }
        #expect(!script.contains("--env=PATH=/usr"), "the image's own stays")
    }

    @Test func `a stage that no recipe has opens the shell after the last`() {
        #expect(ReproductionScript(reproduction("x")).text.contains("1:shell) open=build ;;"))
        #expect(ReproductionScript(reproduction("x", stage: .test)).text.contains("1:shell) open=end ;;"))
    }

    // MARK: Shells

    private func shell(_ script: String, checkingOnly: Bool = false) async throws -> String {
        let ended = try await run(script, in: "/tmp", options: checkingOnly ? ["-n"] : [])
        #expect(ended.status == .code(0), "\(ended.errors)")
        return ended.output
    }

    private func run(
        _ script: String, in folder: String, options: [String] = []
    ) async throws -> (status: CanaryModel.ExitStatus, output: String, errors: String) {
        let file = "/tmp/canary-script-\(UUID().uuidString)"
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let end = try await ContainerEngine.call(
            Command("/bin/sh", options + [file], in: folder), within: .seconds(60), named: "sh")
        return (end.status, String(decoding: end.output, as: UTF8.self), String(decoding: end.errors, as: UTF8.self))
    }
}
