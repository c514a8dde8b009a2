// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

/// A podman of a forge's own, whose store lies in the forge and has the skeleton image.
struct ForgeEngine {
    /// A `PATH` on which `podman` is this one; its containers get the host's `/usr`, which the skeleton lacks.
    let path: String
    /// The image by its digest.
    let image: String
    private let program: Program
    private let folder: String

    /// Gives `body` an engine, and ends it.
    static func with(_ forge: MiniForge, _ body: (ForgeEngine) async throws -> Void) async throws {
        let engine = try await start(in: forge)
        do {
            try await body(engine)
        } catch {
            try await engine.end()
            throw error
        }
        try await engine.end()
    }

    private static func start(in forge: MiniForge) async throws -> ForgeEngine {
        let folder = "\(forge.root)/engine"
        let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../containers/local").standardizedFileURL.path
        // It runs until its input ends, which is when the whole group is killed.
        let program = try Program(
            ["/bin/sh", "-c", "sleep 600 | \"$0\" \"$1\" podman", "\(scripts)/engines", folder], in: forge.root,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "\(forge.root)/home"])
        try await program.until { program.outputSoFar.contains("\n") }
        let said = program.outputSoFar.split(separator: " ").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        try #require(said.first == "ready" && said.count == 2, "podman cannot be tested: \(program.outputSoFar)")
        try forge.script(
            "bin/podman",
            """
            #!/bin/sh
            runtime=
            if [ "$1" = --runtime ]; then runtime=$2; shift 2; fi
            [ "$1" != run ] || { shift; set -- run --mount=type=bind,source=/usr,destination=/usr,readonly "$@"; }
            exec /usr/bin/podman ${runtime:+--runtime "$runtime"} --root '\(folder)/root' --runroot '\(folder)/run' \
                --tmpdir '\(folder)/tmp' --storage-driver overlay "$@"

            """)
        return ForgeEngine(
            path: "\(forge.root)/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            image: "localhost/skeleton:1@\(said[1])",
            program: program, folder: folder)
    }

    /// Ends it and removes what it kept.
    private func end() async throws {
        kill(-program.pid, SIGTERM)
        _ = try await program.end(within: 30)
        // What podman starts to clean up after a container may take a moment longer.
        try await eventually { processes(mentioning: folder).isEmpty }
    }
}
