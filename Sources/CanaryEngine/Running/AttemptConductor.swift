// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import CanaryText
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
        let leftovers = Leftovers(
            of: order, isStored: isStoring && installed != nil, in: engine.state, quota: engine.quota)
        // To record needs space, on a disk that the build may have filled.
        if Disk.isFull(at: engine.state.path, below: Self.spaceToRecord) {
            await leftovers.remove { [stop] in stop.isRaised }
        }
        _ = try await engine.recorder.finish(
            id,
            with: AttemptFinish(
                finishedAt: ended, outcome: made.outcome, detail: made.detail, consumption: made.consumption,
                stages: made.stages, logBytes: made.logBytes, prefix: isStoring ? installed : nil,
                surface: made.surface, tests: made.tests, unreproducible: differs))
        let seconds = ended.timeIntervalSince(started)
        events.yield(.attemptFinished(attempt: id, made.outcome, seconds: seconds))
        await leftovers.remove { [stop] in stop.isRaised }
        return FinishedBuild(outcome: made.outcome, tree: installed == nil ? nil : stored?.tree ?? installed?.tree)
    }

    /// With less free space than this, what the build left is removed before its result is recorded.
    private static let spaceToRecord: UInt64 = 128 << 20

    /// The result of an attempt before it is recorded.
    private struct Made {
        var outcome: Outcome
        var detail: String?
        var stages: [StageRun] = []
        var logBytes = 0
        var tree: HashedTree?
        var surface: InstalledSurface?
        var consumption: Consumption?
        var tests: TestReport?

        init(outcome: Outcome, detail: String?) {
            self.outcome = outcome
            self.detail = detail
        }

        init(_ end: AttemptEnd, _ findings: AttemptExamination.Findings) {
            self.init(outcome: findings.outcome, detail: findings.detail)
            stages = end.stages
            logBytes = end.logBytes
            tests = findings.tests
            tree = findings.tree
            consumption = findings.consumption
            if let tree, let offered = findings.surface {
                surface = InstalledSurface(tree: tree.hash, surface: offered)
            }
        }

        static func failed(_ reason: ReasonCode, in stage: Stage, _ detail: String) -> Made {
            let outcome = Outcome.ended(in: stage, reason: reason, firstError: FirstError(text: detail))
            return Made(outcome: outcome, detail: detail)
        }
    }

    private func make(_ build: PlannedBuild, order: WorkOrder) async -> Made {
        do {
            try await prepare(build, for: order)
            let (end, began) = try await conduct(order)
            let examination = AttemptExamination(
                of: order, in: engine.state, requirements: build.requirements, containers: engine.containers)
            let deadline = began + order.limits.attempt.duration
            return Made(
                end,
                try await stop.cancelling {
                    await examination.findings(after: end, isPartial: build.partial, until: deadline)
                })
        } catch is GitFailure where stop.isRaised {
            return Made(outcome: Outcome(result: .cancelled, stage: .fetch), detail: nil)
        } catch let failure as GitFailure where failure.reason == .environmentDiskFull && isQuotaUsedUp(by: order) {
            return .failed(.limitDisk, in: .fetch, failure.detail)
        } catch let failure as GitFailure {
            return .failed(failure.reason, in: .fetch, failure.detail)
        } catch let failure as RunnerFailure {
            return .failed(failure.reason, in: .configure, failure.detail)
        } catch {
            return .failed(engine.isFull ? .environmentDiskFull : .environmentEngine, in: .fetch, "\(error)")
        }
    }

    /// Makes the folders of an attempt, and fills that of its source.
    private func prepare(_ build: PlannedBuild, for order: WorkOrder) async throws {
        let folder = try engine.workspace.prepare(order.attempt)
        let prefix = try engine.prefixes.prepare(project: build.project, key: order.prefixKey)
        // Not the log: it is ours, and has a limit of its own.
        let bounded = [folder.source, folder.build, folder.home, folder.temporary, prefix]
        _ = await engine.quota?.begin(order.attempt, in: bounded, limit: order.limits.disk)
        guard let project = engine.stack.graph[build.project] else { return }
        let mirror = resolver.mirror(of: project)
        try await stop.cancelling {
            try await mirror.checkOut(
                build.source.revision, into: folder.source, subfolder: project.folder, submodules: project.submodules,
                ignoring: project.ignore, within: CheckoutLimits(of: order.limits))
        }
    }

    private func isQuotaUsedUp(by order: WorkOrder) -> Bool {
        guard engine.quota != nil, let disk = DiskSpace(at: engine.state.path),
            let own = DiskSpace(at: engine.state.attempt(order.attempt).source)
        else { return false }
        return own.isQuota(on: disk) && own.isUsedUp
    }

    /// How an attempt ended, and when its first stage began.
    private typealias Conducted = (end: AttemptEnd, began: ContinuousClock.Instant)

    /// Starts the order and follows it to its end; a raised stop signal cancels it.
    private func conduct(_ order: WorkOrder) async throws -> Conducted {
        let cancelled = (AttemptEnd(cause: .cancelled(nil), stages: [], logBytes: 0), ContinuousClock.now)
        guard !stop.isRaised else { return cancelled }
        try await engine.runner.start(order)
        let cancellations = AsyncStream.makeStream(of: Void.self)
        return await stop.watching({ cancellations.continuation.yield() }) {
            await withTaskGroup(of: Conducted?.self) { group in
                group.addTask {
                    for await _ in cancellations.stream { await engine.runner.cancel(order.attempt) }
                    return nil
                }
                group.addTask { await follow(order.attempt) }
                var end: Conducted?
                for await result in group {
                    if let result {
                        end = result
                        cancellations.continuation.finish()
                    }
                }
                return end ?? cancelled
            }
        }
    }

    private func follow(_ attempt: String) async -> Conducted {
        var began: ContinuousClock.Instant?
        for await event in engine.runner.events(of: attempt) {
            switch event {
            case .stageStarted(let stage, _):
                began = began ?? .now
                events.yield(.stageStarted(attempt: attempt, stage))
            case .stageEnded: break
            case .finished(let end): return (end, began ?? .now)
            }
        }
        let cause = AttemptEnd.Cause.infrastructure(
            .environmentEngine, .configure, detail: "the backend lost the attempt")
        return (AttemptEnd(cause: cause, stages: [], logBytes: 0), .now)
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
