// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

extension ContainerEngine {
    /// The engine for `choice`; with `auto` podman, else docker.
    ///
    /// Asks each candidate once whether it works, and podman for its OCI runtime.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine`, the problem of each candidate, and a hint.
    package static func find(_ choice: RuntimeChoice) async throws(RunnerFailure) -> ContainerEngine {
        let kinds: [Kind] =
            switch choice {
            case .auto: [.podman, .docker]
            case .podman: [.podman]
            case .docker: [.docker]
            case .process: []
            }
        var failures: [String] = []
        for kind in kinds {
            do {
                return try await ContainerEngine(kind: kind).probed()
            } catch {
                failures.append(error.detail)
            }
        }
        throw RunnerFailure(
            reason: .environmentEngine,
            detail: "no container engine works: \(failures.joined(separator: "; "))"
                + "; hint: install `podman` or `docker`; `--runtime process` builds trusted code without one")
    }

    /// This engine, with the settings for this machine.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine` if it does not work.
    package func probed() async throws(RunnerFailure) -> ContainerEngine {
        guard kind == .podman else {
            _ = try await version()
            return self
        }
        let runtime = try await ask(["info", "--format", "{{.Host.OCIRuntime.Name}}"])
        let isHybrid = FileManager.default.fileExists(atPath: "/sys/fs/cgroup/unified/cgroup.procs")
        var engine = self
        engine.ociRuntime = Self.ociRuntime(
            preferred: runtime.trimmingCharacters(in: .whitespacesAndNewlines), isHybrid: isHybrid)
        if engine.ociRuntime == "runc" { engine.command += ["--runtime", "runc"] }
        return engine
    }

    /// crun does not work on machines that have both versions of control groups.
    static func ociRuntime(preferred: String, isHybrid: Bool) -> String {
        preferred == "crun" && isHybrid ? "runc" : preferred
    }
}
