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
        var engine = self
        guard kind == .podman else {
            _ = try await version()
            engine.owner = await remapped()
            return engine
        }
        let runtime = try await ask(["info", "--format", "{{.Host.OCIRuntime.Name}}"])
        let isHybrid = FileManager.default.fileExists(atPath: "/sys/fs/cgroup/unified/cgroup.procs")
        engine.owner = BuildOwner.ofPodman()
        engine.seccomp = await filter()
        engine.additions = Self.additions(in: (try? await ask(["run", "--help"])) ?? "")
        engine.ociRuntime = Self.ociRuntime(
            preferred: runtime.trimmingCharacters(in: .whitespacesAndNewlines), isHybrid: isHybrid)
        if engine.ociRuntime == "runc" { engine.command += ["--runtime", "runc"] }
        return engine
    }

    /// What the help of `podman run` gives as the defaults of its options: they come from the user's `containers.conf`.
    ///
    /// Variables are left out: stages get none of the container's.
    static func additions(in help: String) -> [String] {
        help.split(separator: "\n").flatMap { line -> [String] in
            guard let found = line.firstMatch(of: /--(device|volume|mount) .*\(default \[(.+)\]\)$/) else { return [] }
            return found.2.split(separator: ",").map { "\(found.1) \($0)" }
        }
    }

    /// Podman's filter of system calls without those of keyrings; nil when podman has no file of its filter.
    ///
    /// A keyring belongs to a user, not to a container; docker's filter has none of them either.
    private func filter() async -> Data? {
        guard let answer = try? await ask(["info", "--format", "{{.Host.Security.SECCOMPProfilePath}}"]),
            let content = FileManager.default.contents(atPath: answer.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return nil }
        return Self.withoutKeyrings(content)
    }

    /// `profile`, in the form of containers-seccomp.json(5), in which no rule names a system call of keyrings.
    static func withoutKeyrings(_ profile: Data) -> Data? {
        guard var document = try? JSONSerialization.jsonObject(with: profile) as? [String: Any],
            let rules = document["syscalls"] as? [[String: Any]]
        else { return nil }
        let keyrings: Set<String> = ["add_key", "keyctl", "request_key"]
        document["syscalls"] = rules.compactMap { rule -> [String: Any]? in
            let names = (rule["names"] as? [String] ?? []).filter { !keyrings.contains($0) }
            return names.isEmpty ? nil : rule.merging(["names": names]) { $1 }
        }
        return try? JSONSerialization.data(withJSONObject: document)
    }

    /// The owner of containers in a docker whose daemon runs with `userns-remap`: its folder is named after it.
    private func remapped() async -> BuildOwner? {
        guard let options = try? await ask(["info", "--format", "{{.SecurityOptions}} {{.DockerRootDir}}"]),
            options.contains("name=userns"), let found = options.firstMatch(of: /\/(\d+)\.(\d+)\s*$/),
            let user = UInt32(found.1), let group = UInt32(found.2)
        else { return nil }
        return BuildOwner(user: user, group: group)
    }

    /// crun does not work on machines that have both versions of control groups.
    static func ociRuntime(preferred: String, isHybrid: Bool) -> String {
        preferred == "crun" && isHybrid ? "runc" : preferred
    }
}
