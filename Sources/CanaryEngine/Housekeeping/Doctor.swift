// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryGit
package import CanaryModel
import CanaryRunner
package import Foundation

/// Looks at all that runs depend on, and changes nothing but for a file of an instant, which tells the disk's time.
package struct Doctor: Sendable {
    let stack: Stack?
    let folder: String
    let state: StateFolder
    let runtime: RuntimeChoice
    let now: Date

    /// What is known before, and what the checks of the machine need.
    ///
    /// - Parameters:
    ///   - stack: nil when the manifests cannot be read; what depends on them is then left out.
    ///   - folder: the stack's folder.
    package init(stack: Stack?, folder: String, state: StateFolder, runtime: RuntimeChoice, now: Date) {
        self.stack = stack
        self.folder = folder
        self.state = state
        self.runtime = runtime
        self.now = now
    }

    /// All checks, in a fixed order; remotes are asked at the same time as all else is looked at.
    package func examine() async -> [HealthCheck] {
        async let git = git()
        async let engine = engine()
        async let remotes = remotes()
        let record = await record()
        let local = stateChecks() + record.checks + [clock(newestRow: record.newestRow)].compactMap(\.self)
        return await [git] + engine + local + remotes
    }

    /// git that knows all options we use: those of 2.29.
    private func git() async -> HealthCheck {
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

    // MARK: - Runtime

    private func engine() async -> [HealthCheck] {
        guard runtime != .process else { return await processes() }
        do throws(RunnerFailure) {
            let engine = try await ContainerEngine.find(runtime)
            return [.ok("runtime", try await engine.version()), limits()]
        } catch {
            let parts = error.detail.split(separator: "; hint: ", maxSplits: 1).map(String.init)
            return [HealthCheck("runtime", .error, parts[0], hint: parts.count > 1 ? parts[1] : nil)]
        }
    }

    private func processes() async -> [HealthCheck] {
        let machine = await ProcessEnvironment.current()
        let absent = zip(ProcessEnvironment.tools, machine.versions).filter { $0.1 == "absent" }.map { "`\($0.0)`" }
        let tools = absent.isEmpty ? "" : "; this machine has no \(absent.joined(separator: ", "))"
        return [
            HealthCheck(
                "runtime", .warning, "builds are plain processes of this machine, run as you\(tools)",
                hint: "good for code you trust; `runtime: auto` in `stack.yaml` builds in podman or docker"),
            HealthCheck(
                "limits", .warning, "`limits: {memory, processes}` do not hold for plain processes",
                hint: "lower `limits: {jobs: ...}` when builds need more memory than there is"),
        ]
    }

    private func limits() -> HealthCheck {
        let unified = (try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.controllers", encoding: .utf8)) ?? ""
        let controllers = unified.split { $0.isWhitespace }.map(String.init)
        let missing = ["memory", "pids"].filter { name in
            !controllers.contains(name) && !FileManager.default.fileExists(atPath: "/sys/fs/cgroup/\(name)")
        }
        guard !missing.isEmpty else { return .ok("limits", "control groups hold memory and processes") }
        return HealthCheck(
            "limits", .warning, "no control group for \(missing.joined(separator: " and ")): those limits may not hold",
            hint: "the kernel's command line or the machine's own container may leave them out")
    }

    // MARK: - Remotes

    private func remotes() async -> [HealthCheck] {
        guard let stack else { return [] }
        let resolver = Resolver(
            stack: stack, folder: folder, state: state, overrides: Overrides(),
            git: Git(limits: GitLimits(answer: .seconds(15))))
        let projects = stack.graph.projects
        let checks = await projects.mapBounded(Resolver.concurrency) { await remote(of: $0, resolver) }.compactMap(
            \.self)
        guard checks.isEmpty else { return checks.sorted { $0.name < $1.name } }
        return [.ok("remotes", projects.count == 1 ? "the one remote answers" : "all \(projects.count) answer")]
    }

    /// What is wrong with the remote of `project`.
    private func remote(of project: Project, _ resolver: Resolver) async -> HealthCheck? {
        let branch = project.folder == nil ? project.branch : "HEAD"
        do throws(GitFailure) {
            let refs = try await resolver.mirror(of: project).remoteRefs(branch: branch, tags: nil)
            guard refs.head == nil else { return nil }
            return HealthCheck(
                "remote \(project.name)", .error, "there is no branch `\(branch)`",
                hint: "correct `branch:` in its manifest")
        } catch {
            return HealthCheck(
                "remote \(project.name)", .error, "\(error.reason.sentence): \(error.detail)",
                hint: "try `git ls-remote`; a proxy, a key or the address may be wrong")
        }
    }
}
