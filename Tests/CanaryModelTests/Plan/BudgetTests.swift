// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CanaryModel

@Suite("Budget") struct BudgetTests {
    private func input(hours seconds: Double) throws -> PlanInput {
        let recipe = Recipe(stages: [StageScript(stage: .build, run: "true")], network: false)
        let builds = ["old": VariantBuild(recipe: recipe), "new": VariantBuild(recipe: recipe)]
        let projects = [
            Project(name: "a", location: .repository("/a"), builds: builds),
            Project(name: "b", location: .repository("/b"), upstreams: [Upstream(project: "a")], builds: builds),
        ]
        let variants = [("old", 2025), ("new", 2026)].map { name, year in
            Variant(
                name: name, image: Image(name: name, reference: "r", year: year), lanes: [.head, .release])
        }
        let stack = Stack(name: "s", variants: variants, graph: try ProjectGraph(projects))
        var snapshot = Snapshot()
        for name in ["a", "b"] {
            snapshot.revisions[name] = .source(
                Source(revision: name, tree: name, committedAt: Date(timeIntervalSince1970: 0)))
        }
        snapshot.releases = snapshot.revisions
        snapshot.environments = ["old": "1", "new": "2"]
        var knowledge = Knowledge()
        for job in stack.jobs { knowledge.durations["\(job.project)@\(job.variant)"] = seconds }
        return PlanInput(
            stack: stack, snapshot: snapshot, knowledge: knowledge, now: Date(timeIntervalSince1970: 0))
    }

    @Test func `the newest variant and lane head come first, the rest is skipped for the budget`() throws {
        let input = try input(hours: 1800)
        #expect(
            Budget.order(of: input.stack).map(\.description) == [
                "a@new/head", "b@new/head", "a@new/release", "b@new/release",
                "a@old/head", "b@old/head", "a@old/release", "b@old/release",
            ])
        let plan = Planner.plan(Budget.applied(to: input, hours: 1))
        let left = plan.jobs.filter { $0.reason.code == .budget }
        #expect(
            Set(plan.jobs.map(\.job)).subtracting(left.map(\.job))
                == Set(input.stack.jobs.filter { $0.description.hasSuffix("@new/head") }))
        #expect(left.allSatisfy { $0.action == .skip && $0.finished?.outcome.result == .skipped })
        #expect(plan.builds.map(\.project) == ["a", "b"])
    }

    @Test func `enough hours change nothing, no hours skip everything`() throws {
        let input = try input(hours: 1800)
        #expect(Budget.applied(to: input, hours: 4).selection.unaffordable.isEmpty)
        #expect(Planner.plan(Budget.applied(to: input, hours: 0)).builds.isEmpty)
    }
}
