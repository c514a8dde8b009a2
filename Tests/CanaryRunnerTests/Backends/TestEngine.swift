// SPDX-License-Identifier: Apache-2.0

import CanaryProcesses
import Dispatch
import Foundation
import Synchronization

@testable import CanaryRunner

/// A container engine of the tests' own, started when it is first needed, ended with this process, however that ends.
actor TestEngine {
    static let podman = TestEngine(.podman)
    static let docker = TestEngine(.docker)
    /// One that a test may kill.
    static let mortalDocker = TestEngine(.docker, name: "mortal")

    private let kind: ContainerEngine.Kind
    private let name: String
    private var start: Task<RunningEngine, any Error>?
    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private init(_ kind: ContainerEngine.Kind, name: String = "shared") {
        self.kind = kind
        self.name = name
    }

    /// The engine; for a few at a time, because each limit of time is a test's own.
    ///
    /// To be given back by `release`.
    func acquire() async throws -> RunningEngine {
        let engine = try await running()
        if free == 0 { await withCheckedContinuation { waiting.append($0) } } else { free -= 1 }
        return engine
    }

    /// Gives the engine back.
    func release() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }

    private func running() async throws -> RunningEngine {
        if start == nil { start = Task { [kind, name] in try await RunningEngine.start(kind, name) } }
        guard let start else { throw CancellationError() }
        return try await start.value
    }
}

/// An engine that answers, with the skeleton image.
struct RunningEngine: Sendable {
    let engine: ContainerEngine
    /// The image's environment id.
    let digest: String
    let folder: String

    /// The image by its digest, where the engine knows local ones by that.
    var image: String { engine.kind == .podman ? "localhost/skeleton@\(digest)" : digest }

    static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../containers/local").standardizedFileURL.path

    struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }

    static func start(_ kind: ContainerEngine.Kind, _ name: String) async throws -> RunningEngine {
        let folder = "/tmp/canary-\(kind.rawValue)-\(name)-\(getpid())"
        let said = try await withCheckedThrowingContinuation { continuation in
            // Reading waits, and must not hold a thread that tasks share.
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try begin([folder, kind.rawValue]) })
            }
        }
        guard said.hasPrefix("ready ") else {
            throw DidNotStart(description: "\(kind.rawValue) cannot be tested: \(said)")
        }
        let digest = said.dropFirst(6).trimmingCharacters(in: .whitespacesAndNewlines)
        return RunningEngine(engine: try await engine(kind, in: folder).probed(), digest: digest, folder: folder)
    }

    /// Starts the script and returns the first that it says.
    private static func begin(_ arguments: [String]) throws -> String {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: scripts + "/engines")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Its input stays open until this process ends.
        kept.withLock { $0.append(input) }
        return String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }

    private static let kept = Mutex<[Pipe]>([])

    /// Starts the daemon of docker anew after it was killed.
    func restart() async throws {
        _ = try await ContainerEngine.call(
            Command(Self.scripts + "/start-dockerd", [folder]), within: .seconds(60), named: "start-dockerd")
    }

    static func engine(_ kind: ContainerEngine.Kind, in folder: String) -> ContainerEngine {
        let usr = ["--mount=type=bind,source=/usr,destination=/usr,readonly"]
        switch kind {
        case .podman:
            return ContainerEngine(
                kind: kind,
                command: [
                    "podman", "--root", folder + "/root", "--runroot", folder + "/run", "--tmpdir", folder + "/tmp",
                    "--storage-driver", "overlay",
                ], runArguments: usr)
        case .docker:
            return ContainerEngine(
                kind: kind, environment: ["DOCKER_HOST": "unix://\(folder)/docker.sock"], runArguments: usr)
        }
    }
}
