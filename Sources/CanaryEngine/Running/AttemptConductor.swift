// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import Foundation

/// Makes single attempts: checkout, backend, diagnosis, tree hash, record.
struct AttemptConductor: Sendable {
    let run: String
    let engine: Engine
    let resolver: Resolver
    let stop: StopSignal
    let knowledge: Knowledge
    /// As it was before the run.
    let judge: StackJudge
    let events: AsyncStream<RunEvent>.Continuation
    /// See `RunRequest.probing`.
    var probing: AttemptPurpose?
    /// Whether somebody else builds the same key at this moment: what this build installs is looked at, not kept.
    var isBeside = false

    /// Makes one attempt at `build` and records it.
    ///
    /// - Throws: when history cannot be written; everything that can go wrong with a build is an outcome.
    func attempt(
        _ build: PlannedBuild, key: String, purpose: AttemptPurpose, stageJobs: Int
    ) async throws -> FinishedBuild {
        let started = engine.now()
        let id = Identifier.make(.attempt, at: started)
        try await engine.recorder.begin(
            AttemptStart(id: id, purpose: purpose, startedAt: started, driver: .thisProcess()),
            of: record(of: build, key: key), in: run)
        events.yield(.attemptStarted(running(build, id: id, purpose: purpose, startedAt: started)))
        let stored = try await engine.history.builds.storedPrefix(of: key)
        // What is stored is never built over: a second install goes to a scratch prefix, is compared, and goes.
        let isKept = stored == nil && !isBeside
        let prefixKey = isKept ? key : scratchKey(key, attempt: id)
        var made = await make(
            build, order: order(build, id: id, prefixKey: prefixKey, purpose: purpose, stageJobs: stageJobs))
        let ended = engine.now()
        let installed = made.tree.map { StoredPrefix(tree: $0.hash, files: $0.files, bytes: $0.bytes) }
        let differs = stored != nil && installed != nil && installed?.tree != stored?.tree
        if differs {
            let difference = try await difference(from: stored, to: made.surface)
            made.detail = made.detail.map { "\($0)\n\(difference)" } ?? difference
        }
        // Before the record, which needs the room on a disk that the build has filled.
        if !isKept || installed == nil { engine.prefixes.remove(project: build.project, key: prefixKey) }
        engine.workspace.clear(id)
        _ = try await engine.recorder.finish(
            id,
            with: AttemptFinish(
                finishedAt: ended, outcome: made.outcome, detail: made.detail, stages: made.stages,
                logBytes: made.logBytes, prefix: isKept ? installed : nil, surface: made.surface,
                unreproducible: differs))
        let seconds = ended.timeIntervalSince(started)
        events.yield(.attemptFinished(attempt: id, made.outcome, seconds: seconds))
        return FinishedBuild(outcome: made.outcome, tree: installed == nil ? nil : stored?.tree ?? installed?.tree)
    }

    /// What an attempt came to before it is recorded.
    private struct Made {
        var outcome: Outcome
        var detail: String?
        var stages: [StageRun] = []
        var logBytes = 0
        var tree: HashedTree?
        var surface: InstalledSurface?

        static func failed(_ reason: ReasonCode, in stage: Stage, _ detail: String) -> Made {
            let outcome = Outcome.ended(in: stage, reason: reason, firstError: FirstError(text: detail))
            return Made(outcome: outcome, detail: detail)
        }
    }

    private func make(_ build: PlannedBuild, order: WorkOrder) async -> Made {
        do {
            let place = try await checkOut(build, id: order.attempt)
            _ = try engine.prefixes.prepare(project: build.project, key: order.prefixKey)
            return await finish(try await conduct(order), order: order, build: build, place: place)
        } catch let failure as GitFailure {
            return .failed(failure.reason, in: .fetch, failure.detail)
        } catch let failure as RunnerFailure {
            return .failed(failure.reason, in: .configure, failure.detail)
        } catch {
            return .failed(engine.isFull ? .environmentDiskFull : .environmentEngine, in: .fetch, "\(error)")
        }
    }

    private func checkOut(_ build: PlannedBuild, id: String) async throws -> AttemptFolder {
        let place = try engine.workspace.prepare(id)
        guard let project = engine.stack.graph[build.project] else { return place }
        let mirror = resolver.mirror(of: project)
        try await mirror.checkOut(
            build.source.revision, into: place.source, subfolder: project.folder, submodules: project.submodules)
        return place
    }

    /// Starts the order and follows it to its end; a raised stop signal cancels it.
    private func conduct(_ order: WorkOrder) async throws -> AttemptEnd {
        guard !stop.isRaised else { return AttemptEnd(cause: .cancelled(nil), stages: [], logBytes: 0) }
        try await engine.runner.start(order)
        let cancellations = AsyncStream.makeStream(of: Void.self)
        return await stop.watching({ cancellations.continuation.yield() }) {
            await withTaskGroup(of: AttemptEnd?.self) { group in
                group.addTask {
                    for await _ in cancellations.stream { await engine.runner.cancel(order.attempt) }
                    return nil
                }
                group.addTask { await follow(order.attempt) }
                var end: AttemptEnd?
                for await result in group {
                    if let result {
                        end = result
                        cancellations.continuation.finish()
                    }
                }
                return end ?? AttemptEnd(cause: .cancelled(nil), stages: [], logBytes: 0)
            }
        }
    }

    private func follow(_ attempt: String) async -> AttemptEnd {
        for await event in engine.runner.events(of: attempt) {
            switch event {
            case .stageStarted(let stage, _): events.yield(.stageStarted(attempt: attempt, stage))
            case .stageEnded: break
            case .finished(let end): return end
            }
        }
        return AttemptEnd(
            cause: .infrastructure(.environmentEngine, .configure, detail: "the backend lost the attempt"), stages: [],
            logBytes: 0)
    }

    private func finish(
        _ end: AttemptEnd, order: WorkOrder, build: PlannedBuild, place: AttemptFolder
    ) async -> Made {
        var made = Made(outcome: .passed, stages: end.stages, logBytes: end.logBytes)
        let places = AttemptPaths(of: order, in: engine.state)
        made.outcome = Diagnosis.outcome(
            of: end, log: LogExcerpt(ofLastStageIn: end, path: place.log, limit: build.limits.log),
            names: PathNames(places))
        await inspect(end, order: order, build: build, into: &made)
        guard made.outcome.result == .passed, !build.partial else { return made }
        do {
            let prefix = engine.state.prefix(of: build.project, key: order.prefixKey)
            let tree = try TreeHash.hash(of: prefix, replacing: words(of: places))
            made.tree = tree
            made.surface = InstalledSurface(
                tree: tree.hash, surface: SurfaceReader.surface(of: tree, in: prefix, replacing: words(of: places)))
        } catch {
            return .failed(engine.isFull ? .environmentDiskFull : .environmentEngine, in: .install, "\(error)")
        }
        return made
    }

    /// Lets what was consumed overrule how the stages ended.
    private func inspect(_ end: AttemptEnd, order: WorkOrder, build: PlannedBuild, into made: inout Made) async {
        let inspection = Inspection(
            of: order, in: engine.state, requirements: build.requirements, containers: engine.containers)
        do {
            let report = try await inspection.report(after: end)
            made.outcome = report.outcome ?? made.outcome
            made.detail = report.note
        } catch {
            made.outcome = .ended(in: .inspect, reason: error.reason, firstError: FirstError(text: error.detail))
        }
    }

    /// What a second install has otherwise than the stored one, as far as history knows what that has.
    private func difference(from stored: StoredPrefix?, to second: InstalledSurface?) async throws -> String {
        guard let stored, let first = try await engine.history.builds.surface(of: stored.tree), let second else {
            return "the installed tree differs from the first install"
        }
        return SurfaceChange(from: first, to: second.surface).secondInstallSummary
    }

    // MARK: - Values

    /// What stands in installed files for the places of this one attempt.
    private func words(of places: AttemptPaths) -> [PathWord] {
        places.upstreamPrefix.map { PathWord(path: $1, word: "@upstream:\($0)@") } + [
            PathWord(path: places.prefix, word: "@prefix@"),
            PathWord(path: places.source, word: "@source@"),
            PathWord(path: places.build, word: "@build@"),
            PathWord(path: places.home, word: "@home@"),
            PathWord(path: places.temporary, word: "@tmp@"),
        ]
    }

    /// A key of the same length, so that a scratch install differs from the stored one in nothing but its path.
    private func scratchKey(_ key: String, attempt: String) -> String {
        var hasher = FieldHasher()
        hasher.add(key)
        hasher.add(attempt)
        return hasher.finish()
    }

    private func order(
        _ build: PlannedBuild, id: String, prefixKey: String, purpose: AttemptPurpose, stageJobs: Int
    ) -> WorkOrder {
        WorkOrder(
            attempt: id, environment: build.environment, project: build.project, revision: build.source.revision,
            prefixKey: prefixKey, variant: build.variant, lane: build.lane, recipe: build.recipe,
            upstreams: build.upstreams.compactMap { upstream in
                upstream.key.map { WorkOrder.UpstreamPrefix(project: upstream.project, key: $0) }
            },
            sourceDateEpoch: Int(build.source.committedAt.timeIntervalSince1970), jobs: stageJobs,
            limits: build.limits, container: container(for: build, purpose: purpose, cpus: stageJobs))
    }

    /// What must show that a pass can be had again is compiled again.
    private func container(for build: PlannedBuild, purpose: AttemptPurpose, cpus: Int) -> ContainerSpec? {
        guard engine.containers != nil, let image = engine.stack.variant(build.variant)?.image else { return nil }
        return ContainerSpec(
            image: image.reference, variables: image.environment, hidden: build.hidden,
            cachesCompiler: purpose != .confirm && purpose != .control, cpus: cpus)
    }

    private func record(of build: PlannedBuild, key: String) -> BuildRecord {
        BuildRecord(
            key: key, project: build.project, source: build.source, recipe: build.recipeDigest,
            environment: build.environment, variant: build.variant,
            upstreams: build.upstreams.compactMap { upstream in
                upstream.key.map { UpstreamBuild(project: upstream.project, key: $0, direct: upstream.direct) }
            }, partial: build.partial)
    }

    private func running(
        _ build: PlannedBuild, id: String, purpose: AttemptPurpose, startedAt: Date
    ) -> RunningAttempt {
        RunningAttempt(
            attempt: id, project: build.project, variant: build.variant, jobs: build.jobs, purpose: purpose,
            reason: build.reason, startedAt: startedAt,
            expected: knowledge.durations["\(build.project)@\(build.variant)"])
    }
}
