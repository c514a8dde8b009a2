// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation
import Testing

@testable import CanaryRunner

/// An engine whose list of containers fails when one goes while it reads, as podman's does.
@Suite("lists of containers") struct ContainerListTests {
    @Test func `are asked for again, and only so often`() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/list-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = "echo >>\"$0\"; test $(wc -l <\"$0\") -gt \"$1\" && printf 'a\\nb\\n' || exit 125"
        func engine(failing times: Int) -> ContainerEngine {
            ContainerEngine(kind: .podman, command: ["sh", "-c", script, "\(folder)/\(times)", "\(times)"])
        }
        #expect(try await engine(failing: 4).list([], external: true) == ["a", "b"])
        await #expect(throws: RunnerFailure.self) { try await engine(failing: 100).list([], external: true) }
        #expect(try String(contentsOfFile: "\(folder)/100", encoding: .utf8).count == 5)
    }

    /// A container that may still be there is removed again.
    @Test func `no list is not a list of none`() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/list-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // The first list fails whenever it is asked; the second has none.
        let script = "echo \"$1\" >>\"$0\"; test \"$1\" != ps || test $(grep -c ^ps \"$0\") -gt 5"
        let engine = ContainerEngine(kind: .podman, command: ["sh", "-c", script, "\(folder)/calls"])
        await ContainerRemoval(engine: engine).remove("attempt", in: StateFolder(path: folder))
        let calls = try String(contentsOfFile: "\(folder)/calls", encoding: .utf8)
        #expect(calls == "rm\nps\nps\nps\nps\nps\nrm\nps\n")
    }
}
