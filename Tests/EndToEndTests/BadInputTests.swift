// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

/// A mistake in the manifests and what must be said of it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Path below the stack folder, and the new content.
    let files: [String: String]
    /// What standard error must contain, with file, line and column.
    let said: [String]

    init(_ name: String, _ files: [String: String], _ said: String...) {
        testDescription = name
        self.files = files
        self.said = said
    }

    private static let repository = "repository: /tmp/nowhere.git\n"

    static let all = [
        Mistake(
            "a cycle",
            [
                "projects/base.yaml": "project: base\n\(repository)upstreams: [left]\n",
                "projects/left.yaml": "project: left\n\(repository)upstreams: [base]\n",
            ], "/projects/base.yaml:3:13: error: ", "base", "left"),
        Mistake(
            "an unknown upstream", ["projects/left.yaml": "project: left\n\(repository)upstreams: [bsae]\n"],
            "/projects/left.yaml:3:13: error: ", "unknown upstream `bsae`, did you mean `base`?"),
        Mistake("bad YAML", ["projects/base.yaml": "project: [base\n"], "/projects/base.yaml:2:1: error: "),
        Mistake(
            "a wrong type", ["projects/base.yaml": "project: base\n\(repository)network: maybe\n"],
            "/projects/base.yaml:3:10: error: `network`: expected ", "found `maybe`"),
        Mistake(
            "a key twice", ["projects/base.yaml": "project: base\n\(repository)\(repository)"],
            "/projects/base.yaml:3:1: error: ", "`repository`"),
        Mistake(
            "an unknown key", ["projects/base.yaml": "project: base\n\(repository)upstream: []\n"],
            "/projects/base.yaml:3:1: error: ", "`upstream`", "`upstreams`"),
        Mistake(
            "a bad duration", ["projects/base.yaml": "project: base\n\(repository)limits: {attempt: 30 minutes}\n"],
            "/projects/base.yaml:3:19: error: `attempt`: expected ", "`30 minutes`"),
        Mistake(
            "a missing image", ["stack.yaml": "stack: mini\nvariants: {local: {image: ci-2026}}\n"],
            "/stack.yaml:2:27: error: ", "`ci-2026`"),
        Mistake(
            "a branch that is an option",
            ["projects/base.yaml": "project: base\n\(repository)branch: --upload-pack=touch x\n"],
            "/projects/base.yaml:3:9: error: ", "`--upload-pack=touch x`"),
        Mistake(
            "a repository that is a program",
            ["projects/base.yaml": "project: base\nrepository: \"ext::sh -c 'touch x'\"\n"],
            "/projects/base.yaml:2:13: error: "),
        Mistake("no stack file", ["stack.yaml": ""], "/stack.yaml:1:1: error: "),
    ]
}

@Suite("bad input")
struct BadInputTests {
    @Test(arguments: Mistake.all)
    func `every verb reports a mistake in the manifests with file, line and column`(mistake: Mistake) async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            for (path, content) in mistake.files { try forge.write("manifests/\(path)", content) }
            let check = try await forge.canary("check").expect(2)
            for words in mistake.said { #expect(check.errors.contains(words), "\(check.errors)") }
            #expect(check.output.isEmpty)
            for verb in ["run", "plan", "graph", "status"] {
                let ended = try await forge.canary(verb).expect(2)
                #expect(mistake.said.allSatisfy(ended.errors.contains), "\(verb): \(ended.errors)")
            }
            let document = try await forge.canary("check", "--json").expect(2).document()
            #expect(document["ok"] == false && document["problems"][0]["severity"] == "error")
            #expect(!forge.exists("state"))
        }
    }

    @Test func `all mistakes are reported at once`() async throws {
        try await MiniForge.with { forge in
            try forge.manifest("one", ["netwrok: true", "limits: {attempt: soon}"])
            try forge.manifest("two", on: ["three"])
            let check = try await forge.canary("check").expect(2)
            #expect(check.errors.matches(of: /: error:/).count == 3, "\(check.errors)")
        }
    }

    @Test func `a folder without a stack is named with a hint`() async throws {
        try await MiniForge.with { forge in
            for verb in ["check", "run", "plan", "graph", "status", "history"] {
                let ended = try await forge.start(bare: [verb, "--stack", "nowhere"]).end().expect(2)
                #expect(ended.errors.contains("nowhere") && ended.errors.contains("hint: "), "\(verb): \(ended.errors)")
            }
            #expect(!forge.exists(".canary"))
        }
    }

    @Test func `unknown names are answered with the nearest one`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("left", on: ["base"])
            try await forge.run()
            let cases = [
                (["run", "bsae"], "did you mean `base`?"), (["plan", "lfet"], "did you mean `left`?"),
                (["run", "--variant", "locla"], "did you mean `local`?"),
                (["run", "--at", "bas=main"], "did you mean `base`?"),
                (["run", "--source", "lefft=/x"], "did you mean `left`?"), (["status", "bse"], "did you mean `base`?"),
                (["history", "base@local/haed"], "did you mean `base@local/head`?"),
                (["graph", "--downstream-of", "lef"], "did you mean `left`?"),
                (["show", "r000000000000-00000000"], "canary history"), (["show", "../../etc"], "canary history"),
                (["log", "a1"], "hint: "), (["show", ""], "hint: "), (["show", "%"], "hint: "),
            ]
            for (words, hint) in cases {
                let ended = try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state])
                    .end()
                ended.expect(2)
                // A run says first what its runtime is.
                let lines = ended.errors.split(separator: "\n").drop { $0.hasPrefix("runtime ") }
                #expect(ended.errors.contains(hint) && lines.first?.hasPrefix("error: ") == true, "\(words): \(lines)")
                #expect(ended.output.isEmpty)
            }
        }
    }

    @Test func `show and log without a history say how to get one`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            for words in [["show", "r1"], ["log", "a1"]] {
                let ended = try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state])
                    .end().expect(2)
                #expect(ended.errors.contains("hint: `canary run`"), "\(ended.errors)")
            }
            #expect(!forge.exists("state"))
        }
    }

    @Test func `shell syntax in the names of branches, tags and files is data`() async throws {
        try await MiniForge.with { forge in
            let branch = "a;touch${IFS}PWNED|$(touch${IFS}PWNED)`touch${IFS}PWNED`&'\"x"
            let base = try forge.project("base", "branch: '\(branch.replacing("'", with: "''"))'")
            let old = base.head()
            base.git("update-ref", "refs/heads/\(branch)", old)
            base.git("update-ref", "refs/heads/--upload-pack=touch", old)
            base.commit(
                [
                    "$(touch PWNED)`touch PWNED`.sh": "x", "-rf": "x", "api.h": "keep\n",
                    "build.sh":
                        "\(MiniForge.installs)\necho '$(touch PWNED)'; printf 'x.c:1: error: \\033]0;t\\007$(touch PWNED)\\n'; exit 1\n",
                ], on: branch)
            let run = try await forge.run(expecting: 1)
            #expect(run.job("base@local/head")["revision"] == .text(base.head(branch)))
            #expect(run.job("base@local/head")["firstError"]["text"] == "x.c:1: error: $(touch PWNED)")
            let names = FileManager.default.subpaths(atPath: forge.root) ?? []
            #expect(names.filter { $0.contains("PWNED") && !$0.contains("refs/heads") } == [])
            try await forge.canary("run", "--at", "base=--upload-pack=touch").expect(2)
            try await forge.canary("run", "--source", "base=ext::touch PWNED").expect(2)
        }
    }

    @Test func `missing runtimes are named, with an alternative`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.stack("images: images.yaml", "variants: {local: {image: ci}}", "runtime: podman")
            try forge.write(
                "manifests/images.yaml",
                "ci: {reference: \"example.org/ci:1@sha256:\(String(repeating: "0", count: 64))\"}\n")
            try forge.write("tools/note", "nothing but git is in this PATH")
            try FileManager.default.createSymbolicLink(
                atPath: "\(forge.root)/tools/git", withDestinationPath: "/usr/bin/git")
            let bare = ["PATH": "\(forge.root)/tools"]
            let ended = try await forge.canary("run", environment: bare).expect(3)
            #expect(ended.errors.contains("error: no container engine works: ") && ended.errors.contains("hint: "))
            try await forge.canary("plan", environment: bare).expect(0)
            try await forge.canary("run", "--runtime", "process").expect(0)
        }
    }
}
