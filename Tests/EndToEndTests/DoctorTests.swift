// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("doctor") struct DoctorTests {
    private func check(_ name: String, in document: JSON) -> JSON {
        document["checks"].items.first { $0["check"] == .text(name) } ?? .missing
    }

    /// The check `name` of a doctor that ends with `status`.
    private func examine(
        _ forge: MiniForge, _ name: String, expecting status: Int = 3, environment: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let ended = try await forge.canary("doctor", "--json", environment: environment, location: location)
        return check(name, in: try ended.expect(status, location: location).document(location: location))
    }

    @Test func `without problems every check is ok, and nothing is created`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let before = try await forge.document("doctor")
            #expect(before["ok"] == true && !forge.exists("state"))
            try await forge.run()
            let names = try FileManager.default.contentsOfDirectory(atPath: forge.state)
            let after = try await forge.document("doctor")
            #expect(
                after["checks"].items.compactMap { $0["check"].text } == [
                    "manifests", "git", "runtime", "limits", "state", "disk", "database", "order", "notices", "clock",
                    "remotes",
                ])
            for name in ["manifests", "git", "state", "database", "order", "notices", "clock", "remotes"] {
                #expect(check(name, in: after)["level"] == "ok", "\(check(name, in: after))")
            }
            #expect(check("runtime", in: after)["level"] == "warning" && check("limits", in: after)["hint"] != nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: forge.state) == names)
            let text = try await forge.canary("doctor").expect(0)
            #expect(text.output.contains(#/^ok +manifests +`mini`, 1 project\n/#))
            #expect(text.output.contains(#/warning +runtime .*\n +hint: /#) && text.output.contains("sound, 1 run\n"))
        }
    }

    @Test func `a missing or outdated git is an error`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let none = try await examine(forge, "git", environment: ["PATH": "\(forge.root)/nowhere"])
            #expect(none["level"] == "error" && none["hint"] == "install git")
            try forge.script("bin/git", "#!/bin/sh\necho git version 2.11.0\n")
            let old = try await examine(forge, "git", environment: ["PATH": "\(forge.root)/bin:/usr/bin:/bin"])
            #expect(old["level"] == "error" && old["text"] == "`git version 2.11.0` is too old")
        }
    }

    @Test func `unreachable remotes and missing branches are errors`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("gone", "repository: \(forge.root)/forge/none.git")
            try forge.project("left", "branch: trunk")
            let ended = try await forge.canary("doctor", "--json").expect(3).document()
            #expect(ended["ok"] == false && check("remotes", in: ended) == .missing)
            #expect(
                check("remote gone", in: ended)["level"] == "error" && check("remote gone", in: ended)["hint"] != nil)
            #expect(check("remote left", in: ended)["text"] == "there is no branch `trunk`")
            #expect(check("remote base", in: ended) == .missing)
        }
    }

    @Test func `a missing container engine is an error`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.stack(
                "runtime: docker", "images: ../images.yaml", "variants: {local: {image: any}}")
            try forge.write(
                "images.yaml", "any: {reference: \"localhost/any:1@sha256:\(String(repeating: "0", count: 64))\"}\n")
            let engine = try await examine(forge, "runtime", environment: ["DOCKER_HOST": "unix:///dev/null"])
            #expect(
                engine["level"] == "error" && engine["hint"].text?.contains("install `podman`") == true, "\(engine)")
        }
    }

    @Test func `everything else is checked even if the manifests cannot be read`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            try forge.manifest("base", ["colour: red"])
            let ended = try await forge.canary("doctor", "--json").expect(3).document()
            #expect(check("manifests", in: ended)["hint"] == "`canary check` lists them")
            #expect(check("database", in: ended)["level"] == "ok" && check("remotes", in: ended) == .missing)
        }
    }

    private static let repository = URL(filePath: #filePath).appending(path: "../../..").standardized.path

    @Test func `a clock behind the newest record is reported`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            let library = "\(forge.root)/shift-clock.so"
            try await forge.shell(
                "cc -shared -fPIC -o '\(library)' '\(Self.repository)/scripts/shift-clock.c'", in: "logs"
            ).expect(0)
            for (shift, level) in [("-7200", "error"), ("31536000", "warning")] {
                let words = ["env", "LD_PRELOAD=\(library)", "CLOCK_SHIFT=\(shift)"]
                let ended = try await forge.start(under: words, "doctor", "--json").end()
                let clock = check("clock", in: try ended.expect(level == "error" ? 3 : 0).document())
                #expect(clock["level"] == .text(level), "\(clock)")
                if level == "error" { #expect(clock["text"].text?.contains(/clock is 7[12]\d\d s behind/) == true) }
            }
        }
    }

    @Test func `a damaged database and that of another stack are errors`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            try forge.stack(name: "other")
            let other = try await examine(forge, "database")
            #expect(other["text"] == "it belongs to the stack `mini`, not to `other`")
            try forge.stack()
            try await forge.canary("backup", "copy").expect(0)
            var content = try #require(FileManager.default.contents(atPath: "\(forge.root)/copy"))
            content.replaceSubrange(8192..<(content.count - 4096), with: Data(count: content.count - 12288))
            for end in ["", "-wal", "-shm"] { unlink("\(forge.state)/canary.sqlite\(end)") }
            try content.write(to: URL(filePath: "\(forge.state)/canary.sqlite"))
            let damaged = try await examine(forge, "database")
            #expect(
                damaged["level"] == "error" && damaged["hint"].text?.contains("canary restore") == true, "\(damaged)")
        }
    }

    @Test func `missing prefixes are reported, and built again by the next run`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let key = try #require(try await forge.run().job("base@local/head")["key"].text)
            try FileManager.default.removeItem(atPath: "\(forge.state)/prefixes/base/\(key)")
            let order = try await examine(forge, "order", expecting: 0)
            #expect(order["level"] == "warning" && order["text"] == "left over: 1 prefix missing on disk")
            let run = try await forge.run()
            #expect(run.job("base@local/head")["action"] == "build" && run.job("base@local/head")["key"] == .text(key))
            #expect(try await examine(forge, "order", expecting: 0)["level"] == "ok")
        }
    }

    @Test func `reports who holds the state folder, and what a killed process left behind`() async throws {
        try await MiniForge.with { forge in
            try forge.project(
                "base", "stages: [{stage: build, run: 'until test -e ../../../go; do sleep 0.05; done'}]")
            let run = try forge.start("run")
            try await run.until { run.errorsSoFar.contains("building") }
            #expect(
                try await examine(forge, "order", expecting: 0)["text"] == "in use by pid \(run.pid) (`canary run`)")
            run.send(SIGKILL)
            try await run.end().expect(137)
            let order = try await examine(forge, "order", expecting: 0)
            #expect(
                order["level"] == "warning"
                    && order["text"] == "left over: 1 attempt of a dead process, 1 incomplete prefix")
            try await forge.canary("gc").expect(0)
            #expect(try await examine(forge, "order", expecting: 0)["level"] == "ok")
        }
    }

    @Test func `a state folder of another user is refused by every verb that needs it, with a hint`() async throws {
        try await MiniForge.with { forge in
            try #require(getuid() == 0, "this test gives a folder away: it must run as root")
            try forge.project("base")
            try await forge.run()
            try await forge.canary("backup", "copy").expect(0)
            chown(forge.state, 65534, 65534)
            for words in [["run"], ["gc"], ["restore", "copy", "--force"]] {
                let ended = try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state])
                    .end()
                    .expect(3)
                let text =
                    "the state folder `\(forge.state)` belongs to `nobody` (uid 65534), and you are `root` (uid 0)"
                #expect(ended.errors.hasPrefix("error: \(text)\nhint: "), "\(ended.errors)")
            }
            #expect(try await examine(forge, "state")["level"] == "error")
            chown(forge.state, 0, 0)
            try await forge.run()
        }
    }

    @Test func `a state folder that is not writable is named`() async throws {
        try await MiniForge.with { forge in
            try #require(getuid() == 0, "this test gives up being root: it must begin as root")
            try forge.project("base")
            try MiniForge.makeFolder(forge.state)
            chown(forge.state, 65534, 65534)
            chmod(forge.state, 0o555)
            chmod(forge.root, 0o755)
            let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            let run = try await forge.start(under: user, "run").end().expect(3)
            #expect(run.errors.contains("the state folder `\(forge.state)` cannot be used: Permission denied\nhint: "))
            let doctor = try await forge.start(under: user, "doctor").end().expect(3)
            #expect(doctor.output.contains("cannot be written: Permission denied"), "\(doctor.output)")
        }
    }

    @Test func `the self-test kills runs, finds nothing lost, and prints its seed`() async throws {
        try await MiniForge.with { forge in
            let temporary = ["TMPDIR": "\(forge.root)/home"]
            let ended = try await forge.start(bare: ["doctor", "--self-test", "--seed", "42"], environment: temporary)
                .end()
            ended.expect(0)
            #expect(ended.errors == "self-test with seed 42\n")
            #expect(
                ended.output.matches(of: #/ok +round \d +run killed after .* nothing lost\n/#).count == 5,
                "\(ended.output)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(forge.root)/home") == [])
        }
    }
}
