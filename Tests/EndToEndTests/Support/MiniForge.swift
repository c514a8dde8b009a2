// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

/// Tiny git repositories in a temporary folder, a stack of them and a state folder, and the built canary to run there.
final class MiniForge: Sendable {
    private let testStack = TestStack()

    var root: String { testStack.root.path }
    var manifests: String { testStack.folder }
    var state: String { "\(root)/state" }

    private init() throws {
        for name in ["forge", "logs", "home"] { try Self.makeFolder("\(root)/\(name)") }
        try stack()
    }

    /// Gives `body` a forge; removes it and checks that nothing still runs in it.
    static func with(_ body: (MiniForge) async throws -> Void) async throws {
        try await Slots.shared.holding { try await make(body) }
    }

    private static func make(_ body: (MiniForge) async throws -> Void) async throws {
        let forge = try MiniForge()
        do {
            try await body(forge)
        } catch {
            processes(mentioning: forge.root).forEach { kill($0, SIGKILL) }
            throw error
        }
        let left = processes(mentioning: forge.root)
        #expect(left.isEmpty, "processes are left: \(left.map { contents("/proc/\($0)/cmdline") })")
        left.forEach { kill($0, SIGKILL) }
    }

    // MARK: - Manifests

    /// Writes `stack.yaml`; `lines` are added and override the keys of the same name.
    func stack(_ lines: String..., name: String = "mini") throws {
        try testStack.write(
            lines, defaults: ["stack: \(name)", "runtime: process", "variants: {local: {}}", "lanes: [head]"])
    }

    /// Writes the manifest of a project; its build runs `build.sh` of its source unless `lines` say otherwise.
    func manifest(_ name: String, on upstreams: [String] = [], _ lines: [String] = []) throws {
        var defaults = ["upstreams: [\(upstreams.joined(separator: ", "))]", #"ignore: ["docs/**"]"#]
        if !lines.contains(where: { $0.hasPrefix("source:") }) { defaults.append("repository: \(path(of: name))") }
        if !lines.contains(where: { $0.hasPrefix("cmake:") }) {
            defaults.append(#"stages: [{stage: build, run: 'sh -eu "$CANARY_SOURCE/build.sh"'}]"#)
        }
        try testStack.write(lines, project: name, defaults: defaults)
    }

    /// Creates a project that installs its `api.h` and needs the word `keep` in those of its upstreams.
    @discardableResult
    func project(
        _ name: String, on upstreams: [String] = [], files: [String: String] = [:], _ lines: String...
    ) throws -> TestRepository {
        let repository = repository(name)
        let needs = upstreams.map { upstream in
            let prefix = "$CANARY_UPSTREAM_\(upstream.uppercased().replacing("-", with: "_"))"
            return """
                grep -q keep "\(prefix)/include/\(upstream).h" || { echo "\(name).c:3:1: error: 'keep' was not declared"; exit 1; }
                """
        }
        let usual = ["api.h": "keep \(name)\n", "build.sh": (needs + [Self.installs]).joined(separator: "\n") + "\n"]
        repository.commit(usual.merging(files) { $1 })
        try manifest(name, on: upstreams, lines)
        return repository
    }

    static let installs = """
        mkdir -p "$CANARY_PREFIX/include"
        cp "$CANARY_SOURCE/api.h" "$CANARY_PREFIX/include/$CANARY_PROJECT.h"
        """

    /// The path of the repository of `project`.
    func path(of project: String) -> String { "\(root)/forge/\(project).git" }

    func repository(_ name: String) -> TestRepository { TestRepository(path(of: name), bare: true) }

    func write(_ path: String, _ content: String) throws {
        let file = "\(root)/\(path)"
        try Self.makeFolder((file as NSString).deletingLastPathComponent)
        try content.write(toFile: file, atomically: false, encoding: .utf8)
    }

    /// Writes an executable script.
    ///
    /// Another program writes it: a descriptor of ours, open for writing, might be inherited by what a test beside this
    /// one starts, and the script could not be executed (ETXTBSY).
    func script(_ path: String, _ content: String) throws {
        try write("\(path).text", content)
        CanaryTestSupport.shell(["install", "-m", "755", "\(root)/\(path).text", "\(root)/\(path)"])
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

    private var environment: [String: String] { Program.environment(home: "\(root)/home") }

    /// Starts the canary exactly as written.
    func start(bare words: [String], environment added: [String: String] = [:]) throws -> Program {
        try Program([Self.canary] + words, in: root, environment: environment.merging(added) { $1 })
    }

    /// Starts the canary on this stack and state folder through another program: `strace`, `faketime`, `setpriv`.
    func start(under wrapper: [String], _ words: String...) throws -> Program {
        try Program(
            wrapper + [Self.canary] + words + ["--stack", manifests, "--state", state], in: root,
            environment: environment)
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
            ["/bin/sh", file] + words, in: "\(root)/\(folder)", environment: environment.merging(added) { $1 }
        ).end(location: location)
    }

    @discardableResult
    func git(_ words: String..., in folder: String? = nil) -> String {
        CanaryTestSupport.shell(["git"] + words, in: folder ?? root)
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
