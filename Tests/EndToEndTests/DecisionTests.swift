// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("decisions of people")
struct DecisionTests {
    @Test func `a mute is recorded, shown and expires`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            #expect(try await forge.canary("run").status == 0)
            let muted = try await forge.canary("mute", "base", "--until", "2d", "--by", "ann", "--note", "known")
            #expect(muted.status == 0 && muted.errors.contains("`base@local/head` is muted until "))
            #expect(try await forge.canary("status", "base@local/head").output.contains("\nmuted           until "))
            #expect(try await forge.canary("mute", "base", "--until", "0s").status == 0)
            #expect(try await !forge.canary("status", "base@local/head").output.contains("\nmuted "))
        }
    }

    @Test(arguments: [
        (["mute", "bsae", "--until", "2d"], "did you mean `base`"),
        (["mute", "base", "--until", "soon"], "expected a duration, a date or a time"),
        (["mute", "base", "--until", "-1d"], "2"), (["ack", "e1"], "no episode `e1`"),
    ]) func `invalid decisions are refused with a hint`(words: [String], says: String) async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            #expect(try await forge.canary("run").status == 0)
            let answer = try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state]).end()
            #expect(answer.status == 2)
            #expect(says == "2" || answer.errors.contains(says), "\(answer.errors)")
        }
    }

    @Test func `a missing secret stops verbs that send notices, and nothing else`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.stack("notify: [{name: chat, kind: webhook, format: slack, url-env: CANARY_NO_SUCH_THING}]")
            #expect(try await forge.canary("check").status == 0)
            #expect(try await forge.canary("run").status == 0)
            for verb in [["run", "--notify"], ["serve", "--port", "0"]] {
                let answer = try await forge.start(bare: verb + ["--stack", forge.manifests, "--state", forge.state])
                    .end()
                #expect(answer.status == 2, "\(verb): \(answer.errors)")
                #expect(answer.errors.contains("`chat` needs `CANARY_NO_SUCH_THING`: it is not set"))
                #expect(answer.errors.contains("hint: "))
            }
        }
    }

    @Test func `--fail-on sets when status and run exit with 1`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", "stages: [{stage: build, run: 'exit 1'}]")
            #expect(try await forge.canary("run").status == 1)
            #expect(try await forge.canary("run", "--fail-on", "broken").status == 0)
            #expect(try await forge.canary("status").status == 0)
            #expect(try await forge.canary("status", "--fail-on", "failure").status == 1)
            #expect(try await forge.canary("status", "--fail-on", "broken").status == 0)
        }
    }
}
