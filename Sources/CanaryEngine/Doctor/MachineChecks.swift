// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// The checks of what is installed on this machine.
enum MachineChecks {
    /// Git, at least 2.29, which has all options that we use.
    static func git() async -> HealthCheck {
        do throws(GitFailure) {
            let answer = try await Git().run(["--version"], within: .seconds(15), otherwise: .environmentEngine)
            let text = String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
            guard numbers.count == 2, (numbers[0], numbers[1]) >= (2, 29) else {
                return HealthCheck("git", .error, "`\(text)` is too old", hint: "install git 2.29 or newer")
            }
            return .ok("git", text)
        } catch {
            return HealthCheck("git", .error, error.detail, hint: "install git")
        }
    }

    /// The container engine and its limits, or a warning that builds are plain processes.
    static func runtime(_ choice: RuntimeChoice) async -> [HealthCheck] {
        guard choice != .process else { return await processes() }
        do throws(RunnerFailure) {
            let engine = try await ContainerEngine.find(choice)
            return [.ok("runtime", try await engine.version()), users(engine), limits()]
        } catch {
            let parts = error.detail.split(separator: "; hint: ", maxSplits: 1).map(String.init)
            return [HealthCheck("runtime", .error, parts[0], hint: parts.count > 1 ? parts[1] : nil)]
        }
    }

    private static func processes() async -> [HealthCheck] {
        let machine = await ProcessEnvironment.current()
        let absent = zip(ProcessEnvironment.tools, machine.versions).filter { $0.1 == "absent" }.map { "`\($0.0)`" }
        let tools = absent.isEmpty ? "" : "; this machine has no \(absent.joined(separator: ", "))"
        return [
            HealthCheck(
                "runtime", .warning, "builds are plain processes on this machine, run as you\(tools)",
                hint: "use this only for code you trust; `runtime: auto` in `stack.yaml` builds in podman or docker"),
            HealthCheck(
                "limits", .warning, "`limits: {memory, processes}` do not apply to plain processes",
                hint: "lower `limits: {jobs: ...}` if builds need more memory than there is"),
        ]
    }

    /// Who builds are on this machine, and what reaches them past us.
    private static func users(_ engine: ContainerEngine) -> HealthCheck {
        guard engine.additions.isEmpty else {
            return HealthCheck(
                "isolation", .warning, "the engine's settings add to every build: \(quotedList(engine.additions))",
                hint: "remove them from `containers.conf`")
        }
        if let owner = engine.owner {
            return .ok("isolation", "the root of a build is user \(owner.user) of this machine")
        }
        let advice = "; `containers:START:65536` in `/etc/subuid` and `/etc/subgid` gives it a user of its own"
        return .ok(
            "isolation", "the root of a build is user \(geteuid()) of this machine\(geteuid() == 0 ? advice : "")")
    }

    private static func limits() -> HealthCheck {
        let unified = (try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.controllers", encoding: .utf8)) ?? ""
        let controllers = unified.split { $0.isWhitespace }.map(String.init)
        let missing = ["memory", "pids"].filter { name in
            !controllers.contains(name) && !FileManager.default.fileExists(atPath: "/sys/fs/cgroup/\(name)")
        }
        guard !missing.isEmpty else { return .ok("limits", "control groups limit memory and processes") }
        return HealthCheck(
            "limits", .warning,
            "no control group for \(missing.joined(separator: " and ")): those limits may not apply",
            hint: "the kernel's command line or an outer container may disable them")
    }
}
