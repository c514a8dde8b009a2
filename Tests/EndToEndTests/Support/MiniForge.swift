// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A temporary folder with tiny git repositories, a stack of them and a state folder, and the built canary to run there.
final class MiniForge: Sendable {
    let root: String

    var manifests: String { "\(root)/manifests" }
    var state: String { "\(root)/state" }

    private init(root: String) { self.root = root }

    /// Gives `body` a forge; removes it and checks that nothing runs on in it.
    static func with(_ body: (MiniForge) async throws -> Void) async throws {
        try await Slots.shared.holding { try await make(body) }
    }

    private static func make(_ body: (MiniForge) async throws -> Void) async throws {
        let folder = "/tmp/canary-e2e-\(UUID().uuidString.prefix(13))"
        let forge = MiniForge(root: folder)
        for name in ["manifests/projects", "forge", "logs", "home"] { try makeFolder("\(folder)/\(name)") }
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        try forge.stack()
        do {
            try await body(forge)
        } catch {
            processes(speakingOf: folder).forEach { kill($0, SIGKILL) }
            throw error
        }
        let left = processes(speakingOf: folder)
        #expect(left.isEmpty, "processes are left: \(left.map { text("/proc/\($0)/cmdline") })")
        left.forEach { kill($0, SIGKILL) }
    }

    // MARK: - Manifests

    /// Writes `stack.yaml`; `lines` are added and win over the keys of the same name.
    func stack(_ lines: String..., name: String = "mini") throws {
        let defaults = ["stack": name, "runtime": "process", "variants": "{local: {}}", "lanes": "[head]"]
        let written = Set(lines.compactMap { $0.split(separator: ":").first.map(String.init) })
        let kept = defaults.filter { !written.contains($0.key) }.sorted { $0.key > $1.key }.map {
            "\($0.key): \($0.value)"
        }
        try write("manifests/stack.yaml", (kept + lines).joined(separator: "\n") + "\n")
    }

    /// Writes the manifest of a project; its build runs `build.sh` of its source unless `lines` say otherwise.
    func manifest(_ name: String, on upstreams: [String] = [], _ lines: [String] = []) throws {
        var all = ["project: \(name)"]
        let written = Set(lines.compactMap { $0.split(separator: ":").first.map(String.init) })
        let defaults = [
            ("repository", "\(root)/forge/\(name).git"), ("upstreams", "[\(upstreams.joined(separator: ", "))]"),
            ("ignore", #"["docs/**"]"#), ("stages", #"[{stage: build, run: 'sh -eu "$CANARY_SOURCE/build.sh"'}]"#),
        ]
        for (key, value) in defaults where !written.contains(key) {
            if key == "repository" && written.contains("source") || key == "stages" && written.contains("cmake") {
                continue
            }
            all.append("\(key): \(value)")
        }
        try write("manifests/projects/\(name).yaml", (all + lines).joined(separator: "\n") + "\n")
    }

    /// Makes a project that installs its `api.h` and needs the word `keep` in those of its upstreams.
    @discardableResult
    func project(
        _ name: String, on upstreams: [String] = [], files: [String: String] = [:], _ lines: String...
    ) async throws -> Origin {
        let origin = try await repository(name)
        let needs = upstreams.map { upstream in
            let prefix = "$CANARY_UPSTREAM_\(upstream.uppercased().replacing("-", with: "_"))"
            return """
                grep -q keep "\(prefix)/include/\(upstream).h" || { echo "\(name).c:3:1: error: 'keep' was not declared"; exit 1; }
                """
        }
        let usual = ["api.h": "keep \(name)\n", "build.sh": (needs + [Self.installs]).joined(separator: "\n") + "\n"]
        try await origin.commit(usual.merging(files) { $1 })
        try manifest(name, on: upstreams, lines)
        return origin
    }

    static let installs = """
        mkdir -p "$CANARY_PREFIX/include"
        cp "$CANARY_SOURCE/api.h" "$CANARY_PREFIX/include/$CANARY_PROJECT.h"
        """

    func repository(_ name: String) async throws -> Origin {
        let path = "\(root)/forge/\(name).git"
        _ = try await git("init", "--quiet", "--bare", "--initial-branch=main", path)
        return Origin(forge: self, path: path)
    }

    func write(_ path: String, _ content: String) throws {
        let file = "\(root)/\(path)"
        try Self.makeFolder((file as NSString).deletingLastPathComponent)
        try content.write(toFile: file, atomically: false, encoding: .utf8)
    }

    /// Writes an executable script.
    ///
    /// Another program writes it: a descriptor of ours, open for writing, might be inherited by what a test beside this
    /// one starts, and the script could not be executed (ETXTBSY).
    func script(_ path: String, _ content: String) async throws {
        try write("\(path).text", content)
        let words = ["install", "-m", "755", "\(root)/\(path).text", "\(root)/\(path)"]
        try await Program(words, in: root, environment: environment, logs: "\(root)/logs").end().expect(0)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

    static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // MARK: - Programs

    /// The built canary: it lies beside the test bundle.
    static let canary: String = {
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["CANARY"]
        return named ?? bundle.appending(path: "canary").path
    }()

    private var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "\(root)/home", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@canary.invalid", "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@canary.invalid", "LC_ALL": "C",
        ]
    }

    /// Starts the canary exactly as written.
    func start(bare words: [String], environment added: [String: String] = [:]) throws -> Program {
        try Program(
            [Self.canary] + words, in: root, environment: environment.merging(added) { $1 }, logs: "\(root)/logs")
    }

    /// Starts the canary on this stack and state folder through another program: `strace`, `faketime`, `setpriv`.
    func start(under wrapper: [String], _ words: String...) throws -> Program {
        try Program(
            wrapper + [Self.canary] + words + ["--stack", manifests, "--state", state], in: root,
            environment: environment, logs: "\(root)/logs")
    }

    /// Starts the canary on this stack and state folder.
    func start(_ words: String..., environment: [String: String] = [:]) throws -> Program {
        try start(bare: words + ["--stack", manifests, "--state", state], environment: environment)
    }

    /// Runs the canary on this stack and state folder to its end.
    func canary(
        _ words: String..., environment: [String: String] = [:], location: SourceLocation = #_sourceLocation
    ) async throws -> Ended {
        try await start(bare: words + ["--stack", manifests, "--state", state], environment: environment)
            .end(location: location)
    }

    /// `canary run --json`, which must end with `status`: its document.
    @discardableResult
    func run(_ words: String..., expecting status: Int = 0, location: SourceLocation = #_sourceLocation) async throws
        -> JSON
    {
        let ended = try await start(bare: ["run", "--json", "--stack", manifests, "--state", state] + words)
            .end(location: location)
        return try ended.expect(status, location: location).document(location: location)
    }

    /// The document of `canary <words> --json`.
    func document(_ words: String..., location: SourceLocation = #_sourceLocation) async throws -> JSON {
        try await start(bare: words + ["--json", "--stack", manifests, "--state", state]).end(location: location)
            .expect(0, location: location).document(location: location)
    }

    /// Runs a script with `/bin/sh` in `folder`, which is made, to its end.
    func shell(
        _ script: String, _ words: String..., in folder: String, environment added: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) async throws -> Ended {
        let file = "\(root)/logs/\(UUID().uuidString).sh"
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        try Self.makeFolder("\(root)/\(folder)")
        return try await Program(
            ["/bin/sh", file] + words, in: "\(root)/\(folder)", environment: environment.merging(added) { $1 },
            logs: "\(root)/logs"
        ).end(location: location)
    }

    @discardableResult
    func git(_ words: String..., in folder: String? = nil, input: String? = nil) async throws -> String {
        let program = try Program(
            ["git"] + words, in: folder ?? root, environment: environment, logs: "\(root)/logs", input: input)
        return try await program.end().expect(0).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Bounds how many forges work at a time: a hundred programs at once on two cores would make every wait a long one.
private actor Slots {
    static let shared = Slots()
    private var free = 4
    private var waiting: [CheckedContinuation<Void, Never>] = []

    nonisolated func holding(_ body: () async throws -> Void) async throws {
        await take()
        do {
            try await body()
        } catch {
            await give()
            throw error
        }
        await give()
    }

    private func take() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }

    private func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// A repository that stands for a remote.
struct Origin: Sendable {
    let forge: MiniForge
    let path: String

    /// Commits files, nil removes one, to a branch and returns the commit.
    ///
    /// - Parameter rewriting: whether the branch begins anew with a commit that has no parent, as a force-push does.
    @discardableResult
    func commit(
        _ files: [String: String?], on branch: String = "main", from base: String? = nil,
        at second: Int = 1_700_000_000,
        rewriting: Bool = false
    ) async throws -> String {
        let known = FileManager.default.fileExists(atPath: "\(path)/refs/heads/\(branch)")
        var stream = "commit refs/heads/\(branch)\nmark :1\ncommitter A <a@canary.invalid> \(second) +0000\n"
        stream += "data 6\nchange\n"
        if let base {
            stream += "from \(base)\n"
        } else if known, !rewriting {
            stream += "from refs/heads/\(branch)^0\n"
        }
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            guard let content else {
                stream += "D \(name)\n"
                continue
            }
            stream += "M 100644 inline \(name)\ndata \(content.utf8.count)\n\(content)\n"
        }
        stream += "get-mark :1\n"
        let input = "\(forge.root)/logs/\(UUID().uuidString).import"
        try stream.write(toFile: input, atomically: false, encoding: .utf8)
        return try await forge.git("fast-import", "--quiet", "--force", "--date-format=raw", in: path, input: input)
    }

    @discardableResult
    func git(_ words: String...) async throws -> String {
        let program = try Program(
            ["git"] + words, in: path, environment: ["PATH": "/usr/bin:/bin", "HOME": "\(forge.root)/home"],
            logs: "\(forge.root)/logs")
        return try await program.end().expect(0).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Tags what a branch stands at.
    func tag(_ name: String, at commit: String = "main") async throws { try await git("tag", name, commit) }

    func head(_ branch: String = "main") async throws -> String { try await git("rev-parse", "refs/heads/\(branch)") }
}
