// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("reproducing an attempt elsewhere")
struct ReproduceTests {
    /// Needs the word `keep` of a project that only its upstream consumes.
    private static let needy = """
        grep -q keep "$CANARY_UPSTREAM_BASE/include/base.h" || { echo "top.c:7:2: error: 'keep' was not declared"; exit 4; }
        \(MiniForge.installs)

        """

    /// `base` <- `mid` <- `top`, which fails since `base` changed; the run's document.
    private func broken(_ forge: MiniForge, _ lines: String..., environment: [String: String] = [:]) async throws
        -> JSON
    {
        for line in lines { try forge.stack(line) }
        try forge.project("base", files: ["api.h": "gone\n"])
        try forge.project("mid", files: ["build.sh": MiniForge.installs + "\n"], "upstreams: [base]")
        try forge.project("top", files: ["build.sh": Self.needy], "upstreams: [mid]")
        return try await forge.start("run", "--json", environment: environment).end(within: 120).expect(1).document()
    }

    private func attempt(of job: String, in run: JSON) throws -> String {
        try #require(run.job(job)["attempts"][0]["attempt"].text)
    }

    // MARK: Processes

    @Test func `in an empty folder the script ends as the attempt did, with the same first error`() async throws {
        try await MiniForge.with { forge in
            let run = try await broken(forge)
            let job = run.job("top@local/head")
            let printed = try await forge.canary("reproduce", try attempt(of: "top@local/head", in: run)).expect(0)
            #expect(printed.errors.isEmpty && printed.output.hasPrefix("#!/bin/sh\n"))
            let error = try #require(job["firstError"]["text"].text)
            for fact in [job["revision"].text, job["upstreams"]["base"].text, job["upstreams"]["mid"].text, error] {
                #expect(printed.output.contains(try #require(fact)))
            }
            // Nothing of ours is needed any more.
            try FileManager.default.removeItem(atPath: forge.state)
            try FileManager.default.removeItem(atPath: forge.manifests)
            let ended = try await forge.shell(printed.output, in: "work").expect(4)
            #expect(ended.output == error + "\n")
            #expect(forge.exists("work/base/prefix/include/base.h") && !forge.exists("work/top/source/.git"))
            // Once more: the upstreams stay, what was changed in a source is built.
            try forge.write("work/base/prefix/include/base.h", "keep\n")
            try await forge.shell(printed.output, in: "work").expect(0)
            #expect(forge.exists("work/top/prefix/include/top.h"))
        }
    }

    @Test func `stages see the variables of an attempt`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let script = "env | sort | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= -e ^CANARY_JOBS= -e ^GIT_CEIL"
            try forge.project("top", on: ["base"], "stages: [{stage: build, run: '\(script)'}]")
            let id = try attempt(of: "top@local/head", in: try await forge.run())
            let log = try await forge.canary("log", id, "--raw").expect(0).output
            let printed = try await forge.canary("reproduce", id).expect(0)
            let ended = try await forge.shell(printed.output, in: "a folder", environment: ["LEAK": "1"]).expect(0)
            let folder = "\(forge.root)/a folder"
            let prefix = try #require(log.firstMatch(of: /CANARY_UPSTREAM_BASE=(.*)/)?.1)
            let own = try #require(log.firstMatch(of: /CANARY_PREFIX=(.*)/)?.1)
            let expected = log.replacing(prefix, with: "\(folder)/base/prefix")
                .replacing(own, with: "\(folder)/top/prefix").replacing(
                    "\(forge.state)/attempts/\(id)", with: "\(folder)/top")
            #expect(ended.output == expected)
        }
    }

    @Test func `an upstream on its fallback is built at the revision that was used`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let left = try forge.project("left", on: ["base"])
            try await forge.run()
            let good = base.head()
            // A force-push: the good commit is no branch's any more.
            base.commit(["build.sh": "echo 'error: red'; exit 1\n"], rewriting: true)
            left.commit([
                "build.sh": "cat \"$CANARY_UPSTREAM_BASE/include/base.h\"; echo 'error: mine'; exit 3\n"
            ])
            let run = try await forge.run(expecting: 1)
            #expect(run.job("left@local/head")["fallback"]["base"] == .text(good))
            let id = try attempt(of: "left@local/head", in: run)
            let printed = try await forge.canary("reproduce", id).expect(0)
            #expect(printed.output.contains("# upstream  base \(good) (its last known good)\n"))
            let ended = try await forge.shell(printed.output, in: "work").expect(3)
            #expect(ended.output == "keep base\nerror: mine\n")
            // What the repository loses for good is in the mirror.
            base.git("reflog", "expire", "--expire=now", "--all")
            base.git("gc", "--quiet", "--prune=now")
            let lost = try await forge.shell(printed.output, in: "lost").expect(3)
            #expect(lost.errors.contains("canary: base: \(good) cannot be fetched from \(base.path)\n"))
            let mirrored = try await forge.canary("reproduce", id, "--source", "base=\(forge.state)/mirrors/base.git")
            try await forge.shell(mirrored.expect(0).output, in: "found").expect(3)
        }
    }

    @Test func `a passed attempt and one that stopped early are reproduced completely`() async throws {
        try await MiniForge.with { forge in
            let stages = ["configure", "build", "test"].map { "{stage: \($0), run: 'echo \($0)'}" }
            try forge.project("base", "stages: [\(stages.joined(separator: ", "))]")
            let cut = try attempt(of: "base@local/head", in: try await forge.run("--until", "build"))
            let whole = try attempt(of: "base@local/head", in: try await forge.run())
            for (id, output) in [(cut, "configure\nbuild\n"), (whole, "configure\nbuild\ntest\n")] {
                let printed = try await forge.canary("reproduce", id).expect(0)
                #expect(printed.errors.isEmpty)
                #expect(try await forge.shell(printed.output, in: id).expect(0).output == output)
            }
        }
    }

    @Test func `no filter or hook of the user runs in a reproduction, and git sees no repository around it`()
        async throws
    {
        try await MiniForge.with { forge in
            let module = forge.repository("module")
            let used = module.commit(["m": "1", ".gitattributes": "* filter=evil\n"])
            let base = try forge.project(
                "base", files: [".gitattributes": "* filter=evil\n"], "submodules: true",
                "stages: [{stage: build, run: 'cat \"$CANARY_SOURCE/m/m\"; ! git rev-parse 2>/dev/null'}]")
            shell(["git", "clone", "--quiet", base.path, "\(forge.root)/clone"])
            let clone = TestRepository(at: "\(forge.root)/clone")
            clone.git("config", "-f", ".gitmodules", "submodule.m.path", "m")
            clone.git("config", "-f", ".gitmodules", "submodule.m.url", "../module.git")
            clone.git("add", ".gitmodules")
            clone.git("update-index", "--add", "--cacheinfo", "160000,\(used),m")
            clone.git("commit", "--quiet", "--message", "module")
            clone.git("push", "--quiet", "origin", "main")
            try forge.script("program", "#!/bin/sh\ntouch '\(forge.root)/ran'\nexec cat\n")
            try forge.script("template/hooks/post-checkout", "#!/bin/sh\ntouch '\(forge.root)/ran'\n")
            try forge.write(
                "home/.gitconfig",
                "[filter \"evil\"]\n smudge = \(forge.root)/program\n required = true\n"
                    + "[init]\n templateDir = \(forge.root)/template\n")
            forge.git("init", "--quiet")
            let id = try attempt(of: "base@local/head", in: try await forge.run())
            let printed = try await forge.canary("reproduce", id).expect(0)
            #expect(try await forge.shell(printed.output, in: "work").expect(0).output == "1")
            #expect(!forge.exists("ran"))
        }
    }

    @Test func `a changed recipe causes a warning, and the script is printed`() async throws {
        try await MiniForge.with { forge in
            let run = try await broken(forge)
            try forge.manifest("mid", on: ["base"], ["stages: [{stage: build, run: 'echo other'}]"])
            let id = try attempt(of: "top@local/head", in: run)
            let printed = try await forge.canary("reproduce", id).expect(0)
            let warning = "the manifest of `mid` has changed: this uses the current recipe"
            #expect(printed.errors == "warning: \(warning)\n" && printed.output.contains("\n# WARNING: \(warning)\n"))
            #expect(printed.output.contains("'echo other'"))
            let document = try await forge.document("reproduce", id)
            #expect(document["script"] == .text(printed.output) && document["warnings"] == [.text(warning)])
            #expect(document["stage"] == "build" && document["upstreams"].fields.keys.sorted() == ["base", "mid"])
        }
    }

    // MARK: Wrong input

    @Test func `what cannot be reproduced is refused, with what is expected`() async throws {
        try await MiniForge.with { forge in
            try await forge.canary("reproduce", "a1").expect(2)
            let run = try await broken(forge)
            let id = try attempt(of: "top@local/head", in: run)
            let complaints = [
                (["reproduce", String(id.dropLast())], "did you mean `\(id)`?"),
                (["reproduce", "x"], "expected an id like `a"),
                (["reproduce", run["run"].text ?? ""], "is a run, expected an attempt\nhint: its attempts: a"),
                (["reproduce", run.job("top@local/head")["key"].text ?? ""], "its attempts: \(id)"),
                (["reproduce", id, "--shell"], "needs a terminal"),
                (["reproduce", id, "--source", "bse=/tmp"], "did you mean `base`?"),
                (
                    ["reproduce", id, "--source", "base=ext::sh"],
                    "`--source`: expected a URL (https, http, ssh, git, file), `user@host:path` or an absolute path, found `ext::sh`"
                ),
            ]
            for (words, text) in complaints {
                let ended = try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state])
                    .end()
                #expect(
                    ended.status == 2 && ended.errors.contains(text) && ended.output.isEmpty, "\(ended.testDescription)"
                )
            }
            try FileManager.default.removeItem(atPath: "\(forge.manifests)/projects/top.yaml")
            let gone = try await forge.canary("reproduce", id).expect(2)
            #expect(gone.errors.contains("no longer builds `top` in the variant `local`\nhint: "))
        }
    }

    // MARK: Shells

    @Test func `a shell opens before the failing stage`() async throws {
        try await MiniForge.with { forge in
            let id = try attempt(of: "top@local/head", in: try await broken(forge))
            try FileManager.default.createDirectory(atPath: "\(forge.root)/desk", withIntermediateDirectories: true)
            try forge.write("typed", "echo \"in $CANARY_PROJECT $(basename \"$PWD\")\"\nsh -eu ~/stage || exit 9\n")
            // A terminal of its own, by `script`.
            let command =
                "exec '\(MiniForge.canary)' reproduce \(id) --shell --stack '\(forge.manifests)' --state '\(forge.state)'"
            let ended = try await forge.shell(
                "script --quiet --return --command \"$1\" /dev/null < ../typed", command, in: "desk")
            #expect(ended.status == 9 && ended.output.contains("\r\nin top build\r\n"), "\(ended.testDescription)")
            #expect(ended.output.contains("top.c:7:2: error: 'keep' was not declared"))
            #expect(forge.exists("desk/canary-reproduce-\(id)/reproduce.sh"))
        }
    }

    // MARK: Containers

    /// Shows what it sees, tries what it may not, and fails.
    private static let nosy = """
        set +e
        env | grep -e ^CANARY_ -e ^HOME= -e ^LD_ -e ^CMAKE_ -e ^TMPDIR= | grep -v -e JOBS | sort
        cat /opt/aswf/lib/*; ls -A /opt/aswf/include/Imath /sys/class/net
        { touch /canary/base/x; touch /usr/x; } 2>&1
        echo "top.c:1:1: error: 'gone' was not declared"; exit 5

        """

    @Test(.timeLimit(.minutes(5))) func `with podman the script only needs git and the image`() async throws {
        try await MiniForge.with { forge in
            try await ForgeEngine.with(forge) { engine in
                let path = ["PATH": engine.path]
                let image = "{reference: \"\(engine.image)\", env: {LD_LIBRARY_PATH: /opt/x}}"
                try forge.write("manifests/images.yaml", "skeleton: \(image)\n")
                try forge.stack("runtime: podman", "images: images.yaml", "variants: {local: {image: skeleton}}")
                try forge.project("base", "provides: {files: [include/Imath, \"lib*/libImath*\"]}")
                try forge.project("top", on: ["base"], files: ["build.sh": Self.nosy])
                let run = try await forge.start("run", "--json", environment: path).end(within: 120).expect(1)
                    .document()
                let id = try attempt(of: "top@local/head", in: run)
                let printed = try await forge.canary("reproduce", id).expect(0)
                #expect(printed.output.contains("\n# image     \(engine.image)\n"))
                let ended = try await forge.shell(printed.output, in: "work", environment: path).expect(5)
                #expect(ended.output == (try await forge.canary("log", id, "--raw").expect(0).output))
                let error = try #require(run.job("top@local/head")["firstError"]["text"].text)
                #expect(error.contains("'gone'") && ended.output.hasSuffix("\(error)\n"))
                #expect(ended.output.contains("LD_LIBRARY_PATH=/canary/base/lib:/canary/base/lib64:/opt/x\n"))
                #expect(
                    ended.output.split(separator: "\n").filter { $0 == "the image" }.count == 1, "one file is hidden")
            }
        }
    }
}
