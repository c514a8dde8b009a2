// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("what other users and other programs get from us")
struct SharingTests {
    private func mode(_ path: String) -> mode_t {
        var found = stat()
        return lstat(path, &found) == 0 ? found.st_mode : 0
    }

    @Test(arguments: ["000", "002", "077"])
    func `a state folder is closed, nothing in it can be written by others, whatever the umask is`(mask: String)
        async throws
    {
        try await MiniForge.with { forge in
            try forge.project("base")
            let wrapper = ["/bin/sh", "-c", "umask \(mask); exec \"$@\"", "sh"]
            for words in ["plan", "run"] {
                try await forge.start(under: wrapper, words).end().expect(0)
                #expect(mode(forge.state) & 0o7777 == 0o700, "\(words)")
            }
            for name in FileManager.default.subpaths(atPath: forge.state) ?? [] {
                let mode = mode("\(forge.state)/\(name)")
                #expect(mode & 0o022 == 0 || mode & S_IFMT == S_IFLNK, "\(name): \(String(mode, radix: 8))")
            }
            #expect(mode("\(forge.state)/canary.sqlite") & 0o777 == 0o600)
            let key = try #require(
                FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/prefixes/base").first)
            let header = "\(forge.state)/prefixes/base/\(key)/include/base.h"
            #expect(mode(header) & 0o777 == 0o644, "what a build installs does not depend on the user's umask")
            try await forge.start(under: wrapper, "backup", "copy").end().expect(0)
            #expect(mode("\(forge.root)/copy") & 0o777 == 0o600)
            try await forge.start(under: wrapper, "feed", "--out", "site/below").end().expect(0)
            for name in ["", "/index.html", "/badge"] {
                #expect(mode("\(forge.root)/site/below\(name)") & 0o444 == 0o444, "a web server reads \(name)")
            }
        }
    }

    @Test func `a state folder that others can write is refused, and doctor says so`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            let mirror = "\(forge.state)/mirrors/base.git"
            for (path, hint) in [(forge.state, "`chmod -R go-w"), (mirror, "remove `\(forge.state)/mirrors`")] {
                chmod(path, 0o775)
                for words in ["run", "plan", "gc"] {
                    let ended = try await forge.canary(words).expect(3)
                    #expect(ended.errors.hasPrefix("error: the state folder `\(forge.state)` can be changed by others"))
                    #expect(ended.errors.contains(" has mode 0775\nhint: \(hint)"), "\(ended.errors)")
                }
                let checks = try await forge.canary("doctor", "--json").expect(3).document()["checks"].items
                let state = checks.first { $0["check"] == "state" } ?? .missing
                #expect(state["level"] == "error" && state["hint"].text?.hasPrefix(hint) == true, "\(state)")
                chmod(path, 0o755)
            }
            try await forge.run()
        }
    }

    @Test func `in a workflow of GitHub nothing that a build prints is a command`() async throws {
        try await MiniForge.with { forge in
            let script = """
                echo "::set-output name=a::b"; printf '10%%\\r  ::add-mask::x\\n'; echo 'see ##[group]y'
                echo '::error file=a.c::src/a.c:3:1: error: ##[add-path]/evil'; exit 1
                """
            try forge.stack("policy: {reruns: 0}")
            try forge.project("base", files: ["build.sh": script + "\n"])
            let workflow = ["GITHUB_ACTIONS": "true"]
            let run = try await forge.canary("run", "--verbose", environment: workflow).expect(1)
            let runs = try await forge.document("history")
            let id = try #require(runs["runs"][0]["run"].text)
            let attempt = try #require(
                try await forge.document("show", id).job("base@local/head")["attempts"][0]["attempt"].text)
            let outputs = [
                run, try await forge.canary("log", attempt, environment: workflow),
                try await forge.canary("log", attempt, "--raw", environment: workflow),
                try await forge.canary("show", attempt, environment: workflow),
                try await forge.canary("status", environment: workflow),
            ]
            for ended in outputs where !ended.words.contains("--raw") {
                let lines = (ended.output + ended.errors).split { $0.isNewline }
                #expect(!lines.contains { $0.drop(while: \.isWhitespace).hasPrefix("::") }, "\(ended.testDescription)")
                #expect(!(ended.output + ended.errors).contains("##["), "\(ended.testDescription)")
            }
            #expect(outputs[1].output.contains(": :set-output name=a::b\n"))
            #expect(outputs[2].output.contains("\n::error file=a.c"), "a file gets the unmodified bytes")
            let document = try await forge.canary("show", attempt, "--json", environment: workflow).expect(0)
            #expect(!document.output.contains("##["))
            #expect(try document.document()["firstError"]["text"].text?.contains("##[add-path]/evil") == true)
        }
    }

    @Test func `the server answers under its own names alone`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let wrong = try await forge.canary("serve", "--allow-host", "http://x").expect(2)
            #expect(wrong.errors.contains("`--allow-host http://x`: expected a host name or an address"))
            let server = try forge.start("serve", "--port", "0", "--allow-host", "ci.example.org")
            try await server.until { server.errorsSoFar.contains("serving `") }
            let port = try #require(server.errorsSoFar.firstMatch(of: /127\.0\.0\.1:([0-9]+)/)?.1)
            for (host, status) in [("ci.example.org", "200"), ("localhost", "200"), ("evil.invalid", "421")] {
                let code = shell(
                    ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: \(host)"]
                        + ["http://127.0.0.1:\(port)/status.json"])
                #expect(code == status, "\(host)")
            }
            server.send(SIGTERM)
            try await server.end(within: 5).expect(0)
        }
    }
}
