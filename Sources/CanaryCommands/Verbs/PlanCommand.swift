// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText

/// `canary plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what a run would do now, and why.",
        discussion: """
            Resolves all branch heads and prints one decision for each job: build, reuse, blocked or skip. A decision \
            marked `?` may still change, because one of its upstreams must be built first. Writes nothing but the cache of \
            git mirrors. `--verbose` prints the scripts of each build.
            """)

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: !common.json)
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        let preview = try await Preview.make(
            stack: stack, folder: common.stackFolder, state: common.stateFolder,
            runtime: common.effectiveRuntime(of: stack), history: history, request: try selection.request())
        if common.json {
            Console.result(try PlanDocument(plan: preview.plan, snapshot: preview.snapshot).json())
        } else {
            Console.result(text(preview.plan))
        }
        if preview.plan.jobs.contains(where: { $0.finished?.outcome.result == .error }) {
            throw ExitCode.infrastructure
        }
    }

    private func text(_ plan: Plan) -> String {
        var table = Table(header: ["job", "action", "reason", "detail"])
        for job in plan.jobs where common.verbose || job.reason.code != .notSelected {
            let action = job.action.rawValue + (job.conditional ? "?" : "")
            let failure = job.finished?.outcome.firstError.map { ": \($0.text)" } ?? ""
            table.add([job.job.description, action, job.reason.code.rawValue, job.reason.detail + failure])
        }
        let scripts = common.verbose ? plan.builds.map(Self.scripts) : []
        let summary = "\(plan.builds.count.counting("build")) to make"
        return ([table.text] + scripts + [summary]).joined(separator: "\n\n")
    }

    private static func scripts(_ build: PlannedBuild) -> String {
        let header = "\(build.project)@\(build.variant) \(build.source.revision.shortRevision)"
        let upstreams = build.upstreams.map { "\($0.project) \($0.revision.shortRevision)" }.joined(separator: ", ")
        let stages = build.recipe.stages.map { script in
            "  \(script.stage.rawValue): " + script.run.replacing("\n", with: "\n    ")
        }
        return ([upstreams.isEmpty ? header : "\(header) on \(upstreams)"] + stages).joined(separator: "\n")
    }
}
