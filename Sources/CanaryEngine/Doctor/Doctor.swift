// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryGit
package import CanaryModel
package import Foundation

/// Checks everything that a run needs, and changes nothing, except for a short-lived file that shows the disk's clock.
package struct Doctor: Sendable {
    private let stack: Stack?
    private let folder: String
    private let state: StateFolder
    private let runtime: RuntimeChoice
    private let now: Date

    /// Makes a doctor.
    ///
    /// - Parameters:
    ///   - stack: nil if the manifests cannot be read; checks that need them are then left out.
    ///   - folder: the directory of the stack's manifests.
    package init(stack: Stack?, folder: String, state: StateFolder, runtime: RuntimeChoice, now: Date) {
        self.stack = stack
        self.folder = folder
        self.state = state
        self.runtime = runtime
        self.now = now
    }

    /// All checks, in a fixed order; remotes are asked while the others run.
    package func examine() async -> [HealthCheck] {
        async let git = MachineChecks.git()
        async let runtime = MachineChecks.runtime(runtime)
        async let remotes = remotes()
        let record = await RecordChecks(stack: stack, state: state, now: now).run()
        let local = FolderChecks(state: state, store: stack?.limits.store)
        let clock = local.clock(now: now, newestRecord: record.newest)
        return await [git] + runtime + local.run() + record.checks + [clock] + remotes
    }

    private func remotes() async -> [HealthCheck] {
        guard let stack else { return [] }
        let git = Git(limits: GitLimits(answer: .seconds(15)))
        let resolver = Resolver(stack: stack, folder: folder, state: state, overrides: Overrides(), git: git)
        let projects = stack.graph.projects
        let problems = await projects.mapBounded(Resolver.concurrency) { await problem(of: $0, resolver) }
            .compactMap(\.self)
        guard problems.isEmpty else { return problems.sorted { $0.name < $1.name } }
        return [.ok("remotes", projects.count == 1 ? "the one remote answers" : "all \(projects.count) answer")]
    }

    /// What is wrong with the remote of `project`; nil if it works.
    private func problem(of project: Project, _ resolver: Resolver) async -> HealthCheck? {
        let name = "remote \(project.name)"
        let branch = project.folder == nil ? project.branch : "HEAD"
        do throws(GitFailure) {
            guard try await resolver.mirror(of: project).remoteRefs(branch: branch, tags: nil).head == nil else {
                return nil
            }
            return HealthCheck(
                name, .error, "there is no branch `\(branch)`", hint: "correct `branch:` in its manifest")
        } catch {
            return HealthCheck(
                name, .error, "\(error.reason.sentence): \(error.detail)",
                hint: "try `git ls-remote`; a proxy, a key or the address may be wrong")
        }
    }
}
