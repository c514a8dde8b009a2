// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Simulation
import Testing

/// What holds of every plan, tried on stacks, snapshots and outcomes made at random.
@Suite("Plans in general") struct PlanPropertyTests {
    private static let seeds = Array(UInt64(1)...30)

    @Test(arguments: seeds)
    func `all outcomes in any order lead to an end, and every plan on the way is consistent`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var scenario = Self.scenario(&random)
        for run in 1...4 {
            conduct(&scenario, &random, seed: seed)
            scenario.nextRun("run-\(run)")
            Self.move(&scenario, &random)
        }
    }

    @Test(arguments: seeds)
    func `a second run with all results known builds only what failed`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var scenario = Self.scenario(&random)
        // Then every build has a job of its own, and none is left out because another failed.
        (scenario.forced, scenario.until, scenario.jobs, scenario.lanes, scenario.snapshot.pins) = (
            false, nil, nil, [.head], [:]
        )
        conduct(&scenario, &random, seed: seed)
        let failed = Set(scenario.finished.filter { $0.value.tree == nil }.keys)
        scenario.nextRun()
        for build in scenario.plan.builds where build.isReady {
            #expect(failed.contains(build.key ?? ""), "seed \(seed): \(build.project) is built again")
        }
    }

    @Test func `if all builds pass, all jobs pass`() {
        var random = SplitMix64(seed: 99)
        for _ in 0..<10 {
            var scenario = Self.scenario(&random)
            scenario.holds = [:]
            scenario.until = nil
            scenario.endAll()
            #expect(scenario.plan.jobs.allSatisfy { $0.result == .passed || $0.result == .skipped })
        }
    }

    /// Plans, takes any ready build, ends it somehow, and so on until nothing is left.
    private func conduct(_ scenario: inout PlanScenario, _ random: inout SplitMix64, seed: UInt64) {
        var offered: Set<String> = []
        var planner = Replanner(scenario.input)
        for _ in 0..<2000 {
            let plan = scenario.plan
            let news = planner.next()
            // It may offer less where an end changes what was decided before; a pass plans the whole at its end.
            let (wanted, offers) = (Self.jobsByKey(plan.builds), Self.jobsByKey(news.builds))
            #expect(offers.allSatisfy { wanted[$0.key] == $0.value }, "seed \(seed): news lead to other builds")
            if offered.count % 8 == 0 {
                #expect(Self.isSame(plan, scenario.plan), "seed \(seed): the same input gives the same plan")
            }
            for flaw in Self.flaws(of: plan, in: scenario) { Issue.record("seed \(seed): \(flaw)") }
            let ready = plan.builds.filter(\.isReady)
            guard !ready.isEmpty else {
                #expect(plan.builds.isEmpty, "seed \(seed): builds are left that can never start")
                #expect(plan.jobs.allSatisfy { $0.finished != nil }, "seed \(seed): a job is left undecided")
                return
            }
            let build = ready.pick(&random)
            guard let key = build.key else { return }
            #expect(offered.insert(key).inserted, "seed \(seed): \(build.project) is offered twice")
            let finished = Self.end(of: build, key: key, &random)
            scenario.finished[key] = finished
            planner.note(finished, of: key)
        }
        Issue.record("seed \(seed): the run does not end")
    }

    private static func jobsByKey(_ builds: [PlannedBuild]) -> [String: Set<JobID>] {
        let ready = builds.compactMap { build in build.key.map { ($0, Set(build.jobs)) } }
        return Dictionary(uniqueKeysWithValues: ready)
    }

    private static func end(of build: PlannedBuild, key: String, _ random: inout SplitMix64) -> FinishedBuild {
        let outcome = [Outcome.passed, .passed, .passed, .passed, PlanScenario.failure, PlanScenario.outage].pick(
            &random)
        let tree = random.chance(50) ? "installed by \(key)" : "installed from \(build.project)"
        return PlanScenario.finish(build, key: key, outcome, tree: tree)
    }

    private static func isSame(_ one: Plan, _ other: Plan) -> Bool {
        one.jobs == other.jobs && one.builds == other.builds
    }

    // MARK: - What must hold

    private static func flaws(of plan: Plan, in scenario: PlanScenario) -> [String] {
        var flaws: [String] = []
        let stack = scenario.stack
        if plan.jobs.map(\.job) != stack.jobs { flaws.append("the jobs are not the stack's") }
        var keys: Set<String> = []
        var earlier: Set<String> = []
        for build in plan.builds {
            if let key = build.key, !keys.insert(key).inserted { flaws.append("\(build.project) is listed twice") }
            flaws += Self.flaws(of: build, in: scenario, stack: stack, earlier: earlier)
            // Two revisions of one tree share a build, which is told one of them.
            earlier.insert(build.key ?? "\(build.project) \(build.source.revision)")
        }
        for job in plan.jobs { flaws += Self.flaws(of: job, in: scenario) }
        return flaws
    }

    private static func flaws(of build: PlannedBuild, in scenario: PlanScenario, stack: Stack, earlier: Set<String>)
        -> [String]
    {
        var flaws: [String] = []
        let name = "\(build.project) at \(build.source.revision)"
        let projects = build.upstreams.map(\.project)
        if Set(projects).count != projects.count { flaws.append("\(name) holds two revisions of a project") }
        if projects.contains(build.project) { flaws.append("\(name) holds itself") }
        let allowed = Set(stack.graph.upstream(of: build.project).map(\.name))
        if !allowed.isSuperset(of: projects) { flaws.append("\(name) holds what it does not consume") }
        for upstream in build.upstreams {
            let isInstalled = upstream.key.map { isAvailable($0, in: scenario) } ?? false
            if build.isReady, !isInstalled { flaws.append("\(name) is ready without \(upstream.project)") }
            if !isInstalled, !earlier.contains(upstream.key ?? "\(upstream.project) \(upstream.revision)") {
                flaws.append("\(name) comes before \(upstream.project)")
            }
        }
        if let key = build.key, scenario.finished[key] != nil { flaws.append("\(name) is finished and still planned") }
        return flaws
    }

    /// Whether a prefix lies under `key` now.
    private static func isAvailable(_ key: String, in scenario: PlanScenario) -> Bool {
        scenario.knowledge.prefixes[key] != nil || scenario.finished[key]?.tree != nil
    }

    private static func flaws(of job: PlannedJob, in scenario: PlanScenario) -> [String] {
        var flaws: [String] = []
        if (job.action == .blocked) != (job.result == .blocked) {
            flaws.append("\(job.job) is blocked and not blocked")
        }
        if job.action == .skip, job.result != .skipped { flaws.append("\(job.job) is skipped and not skipped") }
        if job.action == .reuse, job.result != .passed { flaws.append("\(job.job) reuses no pass") }
        if job.action == .blocked, job.redUpstreams.isEmpty { flaws.append("\(job.job) is blocked by nobody") }
        if !Set(job.fallback.keys).isSubset(of: job.redUpstreams) { flaws.append("\(job.job) hides a fallback") }
        for (upstream, revision) in job.fallback where job.used[upstream].map({ $0 != revision }) ?? false {
            flaws.append("\(job.job) does not use its fallback for \(upstream)")
        }
        if job.conditional, job.key != nil || job.finished != nil {
            flaws.append("\(job.job) is conditional with a key")
        }
        return flaws
    }

    // MARK: - Made at random

    static func scenario(_ random: inout SplitMix64) -> PlanScenario {
        let count = Int.random(in: 2...30, using: &random)
        var edges: [(project: String, upstreams: [String])] = []
        var pinned: Set<Int> = []
        for index in 0..<count {
            let upstreams = Set(
                (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
                    index > 0 ? Int.random(in: 0..<index, using: &random) : nil
                })
            let written = upstreams.sorted().map { upstream in
                if random.chance(5) {
                    pinned.insert(upstream)
                    return "p\(upstream)=v1"
                }
                return random.chance(15) ? "p\(upstream)?" : "p\(upstream)"
            }
            edges.append(("p\(index)", written))
        }
        var scenario = PlanScenario(
            edges, lanes: [[.head], [.head, .release], Lane.allCases].pick(&random),
            variants: random.chance(20) ? ["v", "w"] : ["v"])
        scenario.fallback = random.chance(20) ? .none : .lastKnownGood
        for upstream in pinned { scenario.pin("p\(upstream)", at: "v1", to: "p\(upstream)-pin") }
        if random.chance(50) {
            for (project, _) in edges { scenario.release(project, random.chance(30) ? "\(project)-1" : "\(project)-0") }
        }
        scenario.forced = random.chance(15)
        scenario.until = random.chance(10) ? [.configure, .install, .test].pick(&random) : nil
        if random.chance(20) { scenario.jobs = Set(scenario.stack.jobs.filter { _ in random.chance(60) }) }
        for (project, _) in edges where random.chance(3) { scenario.holds[project] = Hold(reason: "held") }
        return scenario
    }

    /// Some heads move, some only in ignored paths, some are lost or found again.
    private static func move(_ scenario: inout PlanScenario, _ random: inout SplitMix64) {
        for (project, _) in scenario.edges where random.chance(40) {
            let revision = "\(project)-\(Int.random(in: 2...9, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case 0: scenario.snapshot.revisions[project] = .failed(.fetchUnreachable, detail: "down")
            case 1: scenario.head(project, revision, tree: "\(project)-1")
            default: scenario.head(project, revision)
            }
        }
        scenario.until = nil
        scenario.jobs = nil
    }
}
