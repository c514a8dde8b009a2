// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("what strangers' code and repositories cannot reach")
struct IsolationTests {
    @Test func `tokens and addresses of receivers are in no environment once they are read`() async throws {
        try await MiniForge.with { forge in
            let look =
                "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -a hush-$((1)) || true; done\n"
            try forge.project("base", files: ["build.sh": look + MiniForge.installs + "\n"])
            try forge.stack(
                "notify: [{name: chat, kind: webhook, format: json, url-env: MY_HOOK}, "
                    + "{name: own, kind: command, run: [sh, -c, 'env >> \(forge.root)/seen']}]")
            let real = shell(["sh", "-c", "command -v git"])
            try forge.script("bin/git", "#!/bin/sh\nenv >> '\(forge.root)/seen'\nexec \(real) \"$@\"\n")
            let secrets = [
                "CANARY_API_TOKEN": "hush-1a", "CANARY_GITHUB_TOKEN": "hush-1b", "CANARY_ANY_OTHER_TOKEN": "hush-1c",
                "MY_HOOK": "http://127.0.0.1:1/hush-1d", "KEPT": "a-setting",
                "PATH": "\(forge.root)/bin:/usr/local/bin:/usr/bin:/bin",
            ]
            for words in [["run", "--json"], ["run", "--json", "--force", "--notify"]] {
                let ended = try await forge.start(
                    bare: words + ["--stack", forge.manifests, "--state", forge.state], environment: secrets
                ).end().expect(0)
                let id = try ended.document()["jobs"][0]["attempts"][0]["attempt"].text ?? ""
                #expect(!contents("\(forge.state)/attempts/\(id)/log").contains("hush"))
            }
            let seen = contents("\(forge.root)/seen")
            #expect(seen.contains("KEPT=a-setting") && !seen.contains("hush"))
            let missing = try await forge.canary("run", "--notify", environment: ["MY_HOOK": ""]).expect(2)
            #expect(missing.errors.contains("the receiver `chat` needs `MY_HOOK`: it is not set"))
        }
    }

    @Test func `the memory of this process is closed to its user`() async throws {
        try await MiniForge.with { forge in
            // Files of a process belong to root when its user may not read them.
            let look = "for p in $(pgrep -x canary); do stat -c %u /proc/$p/maps; done > '\(forge.root)/owners'\n"
            try forge.project("base", files: ["build.sh": look + MiniForge.installs + "\n"])
            try forge.write("home/.gitconfig", "[safe]\n directory = *\n")
            shell(["chmod", "-R", "a+rwX", forge.root])
            shell(["chmod", "+t", forge.root])
            let ended = try await forge.start(
                under: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], "run"
            ).end()
            ended.expect(0)
            let owners = Set(contents("\(forge.root)/owners").split(separator: "\n"))
            #expect(owners == ["0"])
        }
    }

    @Test func `the process runtime says what it is`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let line =
                "runtime `process`: builds run as this user, with no isolation from this machine; only for code you trust\n"
            let run = try await forge.canary("run", "--runtime", "process").expect(0)
            #expect(run.errors.ranges(of: line).count == 1, "\(run.errors)")
            #expect(try await forge.canary("run", "--quiet").expect(0).errors.isEmpty)
            #expect(try await !forge.canary("gc").expect(0).errors.contains(line))
        }
    }

    @Test func `git in a build sees no repository around the state folder`() async throws {
        try await MiniForge.with { forge in
            forge.git("init", "--quiet", "--initial-branch=main")
            forge.git("commit", "--quiet", "--allow-empty", "--message", "around")
            let look = """
                for folder in "$CANARY_SOURCE" "$CANARY_BUILD" "$CANARY_PREFIX" "$HOME" "$TMPDIR"; do
                    mkdir -p "$folder/below"
                    for here in "$folder" "$folder/below"; do
                        if git -C "$here" rev-parse --show-toplevel; then echo "error: seen from $here"; exit 1; fi
                    done
                    rmdir "$folder/below"
                done
                git init --quiet "$TMPDIR/own" && test "$(git -C "$TMPDIR/own" rev-parse --show-toplevel)" = "$TMPDIR/own"

                """
            try forge.project("base", files: ["build.sh": look + MiniForge.installs + "\n"])
            try forge.project(
                "top", on: ["base"],
                files: ["build.sh": look + "git -C \"$CANARY_UPSTREAM_BASE\" rev-parse && exit 1 || true\n"])
            try await forge.run()
        }
    }

    @Test func `a tree that needs Git LFS is said to, in the run and nowhere later`() async throws {
        try await MiniForge.with { forge in
            let pointer =
                "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 9\n"
            try forge.project("base", files: [".gitattributes": "*.bin filter=lfs\n", "big.bin": pointer])
            let run = try await forge.run(expecting: 3)
            let job = run.job("base@local/head")
            #expect(job["result"] == "error" && job["reasonCode"] == "fetch.checkout")
            #expect(job["firstError"]["text"].text?.contains("`big.bin` is a pointer of Git LFS") == true)
            try forge.manifest("base", ["ignore: ['*.bin']"])
            #expect(try await forge.run().job("base@local/head")["result"] == "passed")
        }
    }
}
