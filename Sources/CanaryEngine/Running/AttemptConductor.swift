// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import Foundation

/// Runs single attempts: checkout, backend, diagnosis, tree hash, record.
struct AttemptConductor: Sendable {
    let run: String
    let engine: Engine
    let resolver: Resolver
    let stop: StopSignal
    let knowledge: Knowledge
    /// The judge as it was before the run.
    let judge: StackJudge
    let events: AsyncStream<RunEvent>.Continuation
    /// See `RunRequest.isJudged`.
    let isJudged: Bool
    /// See `RunRequest.probing`.
    var probing: AttemptPurpose?
    /// Whether the same key is being built by a concurrent run: what this build installs is inspected, not stored.
    var isConcurrent = false

    /// Runs one attempt of `build` and records it.
    ///
    /// - Throws: when history cannot be written; everything that can go wrong with a build is an outcome.
    func attempt(
        _ build: PlannedBuild, key: String, purpose: AttemptPurpose, stageJobs: Int
    ) async throws -> FinishedBuild {
        let started = engine.now()
        let id = Identifier.make(.attempt, at: started)
        try await engine.recorder.begin(
            AttemptStart(id: id, purpose: purpose, startedAt: started, driver: .thisProcess()),
            of: BuildRecord(of: build, key: key), in: run)
        let expected = knowledge.durations["\(build.project)@\(build.variant)"]
        events.yield(
            .attemptStarted(
                RunningAttempt(of: build, id: id, purpose: purpose, startedAt: started, expected: expected)))
        let stored = try await engine.history.builds.storedPrefix(of: key)
        // A stored prefix is never overwritten: a second install goes to a scratch prefix, is compared, and removed.
        let isStoring = stored == nil && !isConcurrent
        let prefixKey = isStoring ? key : scratchKey(key, attempt: id)
        let container = container(for: build, purpose: purpose, cpus: stageJobs)
        let order = WorkOrder(build, attempt: id, prefixKey: prefixKey, jobs: stageJobs, container: container)
        var made = await make(build, order: order)
        let ended = engine.now()
        let installed = made.tree.map { StoredPrefix(tree: $0.hash, files: $0.files, bytes: $0.bytes) }
        let differs = stored != nil && installed != nil && installed?.tree != stored?.tree
        if differs {
            let difference = try await difference(from: stored, to: made.surface)
            made.detail = made.detail.map { "\($0)\n\(difference)" } ?? difference
        }
        // Before recording, which needs space on a disk that the build may have filled.
        if !isStoring || installed == nil { engine.prefixes.remove(project: build.project, key: prefixKey) }
        engine.workspace.clear(id)
        _ = try await engine.recorder.finish(
            id,
            with: AttemptFinish(
                finishedAt: ended, outcome: made.outcome, detail: made.detail, stages: made.stages,
                logBytes: made.logBytes, prefix: isStoring ? installed : nil, surface: made.surface,
                unreproducible: differs))
        let seconds = ended.timeIntervalSince(started)
        events.yield(.attemptFinished(attempt: id, made.outcome, seconds: seconds))
        return FinishedBuild(outcome: made.outcome, tree: installed == nil ? nil : stored?.tree ?? installed?.tree)
    }

    /// The result of an attempt before it is recorded.
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
            let folder = try await checkOut(build, id: order.attempt)
            _ = try engine.prefixes.prepare(project: build.project, key: order.prefixKey)
            return await finish(try await conduct(order), order: order, build: build, log: folder.log)
        } catch let failure as GitFailure {
            return .failed(failure.reason, in: .fetch, failure.detail)
        } catch let failure as RunnerFailure {
            return .failed(failure.reason, in: .configure, failure.detail)
        } catch {
            return .failed(engine.isFull ? .environmentDiskFull : .environmentEngine, in: .fetch, "\(error)")
        }
    }

    private func checkOut(_ build: PlannedBuild, id: String) async throws -> AttemptFolder {
        let folder = try engine.workspace.prepare(id)
        guard let project = engine.stack.graph[build.project] else { return folder }
        let mirror = resolver.mirror(of: project)
        try await mirror.checkOut(
            build.source.revision, into: folder.source, subfolder: project.folder, submodules: project.submodules)
        return folder
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
        _ end: AttemptEnd, order: WorkOrder, build: PlannedBuild, log: String
    ) async -> Made {
        var made = Made(outcome: .passed, stages: end.stages, logBytes: end.logBytes)
        let paths = AttemptPaths(of: order, in: engine.state)
        made.outcome = Diagnosis.outcome(
            of: end, log: LogExcerpt(ofLastStageIn: end, path: log, limit: build.limits.log),
            names: PathNames(paths))
        await inspect(end, order: order, build: build, into: &made)
        guard made.outcome.result == .passed, !build.partial else { return made }
        do {
            let prefix = engine.state.prefix(of: build.project, key: order.prefixKey)
            if let unfit = try engine.prefixes.makeFit(project: build.project, key: order.prefixKey) {
                let names = PathNames(paths)
                made.outcome = Diagnosis.outcome(of: .installOther, in: .install, saying: unfit, names: names)
                return made
            }
            let tree = try TreeHash.hash(of: prefix, replacing: paths.words)
            made.tree = tree
            made.surface = InstalledSurface(
                tree: tree.hash, surface: SurfaceReader.surface(of: tree, in: prefix, replacing: paths.words))
        } catch {
            return .failed(engine.isFull ? .environmentDiskFull : .environmentEngine, in: .install, "\(error)")
        }
        return made
    }

    /// Applies the inspection of what was consumed, which overrides the result of the stages.
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

    /// How a second install differs from the stored one, as far as the contents of that are recorded.
    private func difference(from stored: StoredPrefix?, to second: InstalledSurface?) async throws -> String {
        guard let stored, let first = try await engine.history.builds.surface(of: stored.tree), let second else {
            return "the installed tree differs from the first install"
        }
        return SurfaceChange(from: first, to: second.surface).secondInstallSummary
    }

    /// A key of the same length, so that the path is the only difference between a scratch install and a stored one.
    private func scratchKey(_ key: String, attempt: String) -> String {
        var hasher = FieldHasher()
        hasher.add(key)
        hasher.add(attempt)
        return hasher.finish()
    }

    /// The container; nil for plain processes.
    ///
    /// Confirming and control builds compile without the cache; only judged runs of branch heads write to it.
    private func container(for build: PlannedBuild, purpose: AttemptPurpose, cpus: Int) -> ContainerSpec? {
        let isProof = purpose == .confirm || purpose == .control
        guard engine.containers != nil, let image = engine.stack.variant(build.variant)?.image else { return nil }
        return ContainerSpec(
            image: image.reference, variables: image.environment, hidden: build.hidden,
            compilerCache: isProof ? .unused : isJudged ? .shared : .borrowed, cpus: cpus)
    }
}
