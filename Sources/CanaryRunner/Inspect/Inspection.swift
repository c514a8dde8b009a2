// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
package import CanaryFiles
import CanaryInspection
package import CanaryModel
import Foundation

/// Looks at what an attempt left behind for proof that it consumed its upstreams: what CMake found, what was compiled and
/// linked, and what the installed files load.
package struct Inspection: Sendable {
    /// What an inspection came to.
    package struct Report: Hashable, Sendable {
        /// What a build that passed ends with in place of that; nil when nothing is wrong, or the build failed.
        package let outcome: Outcome?
        /// What people should read about it beside the outcome's first error.
        package let note: String?
        /// What was taken of the upstreams; nil when nothing was looked at.
        package var consumption: Consumption?
    }

    private let order: WorkOrder
    private let state: StateFolder
    private let requirements: [ExpandedRecipe.Requirement]
    private let containers: ContainerEngine?

    /// Inspects what was made of `order` in `state`.
    ///
    /// - Parameter containers: the engine that carried it out; nil for processes.
    package init(
        of order: WorkOrder, in state: StateFolder, requirements: [ExpandedRecipe.Requirement],
        containers: ContainerEngine?
    ) {
        self.order = order
        self.state = state
        self.requirements = requirements
        self.containers = containers
    }

    /// What the attempt's folders say, before they are cleared, after it ended with `end`.
    ///
    /// Nothing is looked at when it ended before or in the configure stage, by a limit, by us or by the infrastructure.
    /// A failure of a later stage stays what it is; what is found then may explain it, and is noted.
    ///
    /// - Throws: `RunnerFailure` when the image must be asked and its engine does not answer; `InstalledTreeProblem`;
    ///   `ReadingInterrupted` when the task is cancelled.
    package func report(after end: AttemptEnd) async throws -> Report {
        let isComplete = end.cause == .completed
        guard !order.upstreams.isEmpty, isComplete || hasFailedLate(end) else { return Report(outcome: nil, note: nil) }
        let upstreams = try order.upstreams.map { ($0.project, try files(of: $0)) }
        let trace = try trace(of: upstreams, since: end.stages.first?.startedAt ?? .distantPast)
        let own = isComplete ? try InstalledFiles(in: state.prefix(of: order.project, key: order.prefixKey)) : nil
        let resolution = resolution(of: own, on: upstreams)
        let objects = own.map(objects) ?? []
        // An image is not asked about a build that failed.
        let existing = try await existing(
            of: isComplete ? trace.searches + objects.flatMap(resolution.searches) : [])
        let proof = ConsumptionProof(
            trace, at: paths, existing: existing, needed: Set(objects.flatMap(\.file.needed)), isComplete: isComplete)
        let findings = proof.findings(for: requirements) + (try resolution.findings(of: objects, existing: existing))
        return isComplete ? report(findings, proof, trace) : explanation(findings)
    }

    private func hasFailedLate(_ end: AttemptEnd) -> Bool {
        guard case .stageFailed(let stage, _) = end.cause, stage > .configure else { return false }
        return end.stages.contains { $0.stage == .configure && $0.exit == .code(0) }
    }

    /// How much of a finding is noted beside the first one: as much as of a first error.
    private static let noteLimit = 500

    private func report(_ findings: [ConsumptionFinding], _ proof: ConsumptionProof, _ trace: BuildTrace) -> Report {
        let worst = findings.first { $0.reason == .inspectWrongUpstream } ?? findings.first
        guard let worst else {
            return Report(outcome: nil, note: unproved(proof, trace), consumption: named(proof.consumption))
        }
        let outcome = Diagnosis.outcome(
            of: worst.reason, in: .inspect, saying: worst.text, names: PathNames(attemptPaths))
        let others = texts(of: findings.filter { $0 != worst })
        let note = (others + [Self.hint(for: worst.reason)]).joined(separator: "\n")
        return Report(outcome: outcome, note: note, consumption: named(proof.consumption))
    }

    /// What may explain why a stage failed.
    private func explanation(_ findings: [ConsumptionFinding]) -> Report {
        guard let first = findings.first else { return Report(outcome: nil, note: nil) }
        let note = (texts(of: findings) + [Self.hint(for: first.reason)]).joined(separator: "\n")
        return Report(outcome: nil, note: note)
    }

    /// With names for the paths, of lengths that can be read.
    private func named(_ consumption: Consumption) -> Consumption {
        let names = PathNames(attemptPaths)
        return consumption.naming { String(names.shortened($0).prefix(Self.noteLimit)) }
    }

    private func texts(of findings: [ConsumptionFinding]) -> [String] {
        let names = PathNames(attemptPaths)
        return findings.prefix(20).map { names.shortened(String($0.text.prefix(Self.noteLimit))) }
    }

    /// The required upstreams of which nothing shows that they were consumed.
    private func unproved(_ proof: ConsumptionProof, _ trace: BuildTrace) -> String? {
        let silent = requirements.filter { requirement in
            !requirement.optional && !proof.isUsed(requirement.project)
                && (trace.isEmpty || !requirement.canBeProved)
        }
        guard !silent.isEmpty else { return nil }
        let names = silent.map { "`\($0.project)`" }.joined(separator: ", ")
        let cause = trace.isEmpty ? "no CMakeCache.txt, no record of a compiler" : "no `provides.packages`"
        return "\(cause): consumption of \(names) is not proved"
    }

    private static func hint(for reason: ReasonCode) -> String {
        reason == .inspectWrongUpstream
            ? "hint: upstream prefixes come first in `CMAKE_PREFIX_PATH`; what overrides that is a path in the project, "
                + "an option of its manifest, or a copy in the image that `provides.files` does not hide"
            : "hint: if other variables show its location, list them in `proof`; if it may be missing, use `optional: true`"
    }

    // MARK: - What was recorded

    /// What the build folder has, and the source, in which some build.
    private func trace(of upstreams: [(String, InstalledFiles)], since start: Date) throws -> BuildTrace {
        let seen = attemptPaths
        let folder = state.attempt(order.attempt)
        let offers = UpstreamOffers(
            upstreams.compactMap { project, files in
                let packages = requirements.filter { $0.project == project }.flatMap(\.packages)
                return seen.upstreamPrefix[project].map {
                    UpstreamOffer(of: project, in: $0, packages: packages, files)
                }
            })
        var trace = try BuildTrace(of: folder.build, seen: seen.build, offers: offers)
        // What the checkout wrote says nothing about this build.
        try trace.add(folder.source, seen: seen.source, since: start)
        return trace
    }

    // MARK: - What the installed files load

    private func resolution(of own: InstalledFiles?, on upstreams: [(String, InstalledFiles)]) -> LibraryResolution {
        let libraryPath = StageEnvironment(of: order, in: attemptPaths).variables["LD_LIBRARY_PATH"] ?? ""
        return LibraryResolution(
            paths: paths, own: own?.libraries ?? [],
            installed: Dictionary(
                upstreams.map { ($0, $1.libraries) }, uniquingKeysWith: { first, _ in first }),
            libraryPath: libraryPath.split(separator: ":").map(String.init))
    }

    private func objects(_ own: InstalledFiles) -> [LibraryResolution.Object] {
        own.objects.map { LibraryResolution.Object(path: "\(attemptPaths.prefix)/\($0.path)", file: $0.file) }
    }

    /// What a stored upstream has; one that is beyond today's bounds is no fault of this build.
    private func files(of upstream: WorkOrder.UpstreamPrefix) throws -> InstalledFiles {
        do {
            return try InstalledFiles(in: state.prefix(of: upstream.project, key: upstream.key))
        } catch is InstalledTreeProblem {
            return InstalledFiles()
        }
    }

    /// How many bytes of paths the image is asked for: some thousand, where builds of many libraries have some hundred.
    private static let askedLimit = 1 << 17

    /// The first file that exists of each search, and others that do.
    private func existing(of searches: some Sequence<[String]>) async throws -> Set<String> {
        let mounts = mounts
        var existing: Set<String> = []
        var elsewhere: Set<String> = []
        var asked = 0
        for search in searches {
            try ReadingInterrupted.check(search.first ?? "")
            for path in search {
                let mount = mounts.first { path.hasPrefix($0.seen + "/") }
                if order.container != nil, mount == nil {
                    if asked < Self.askedLimit, elsewhere.insert(path).inserted { asked += path.utf8.count }
                } else if InspectedFile.exists((mount?.here ?? "") + path.dropFirst(mount?.seen.count ?? 0)) {
                    existing.insert(path)
                    break
                }
            }
        }
        guard !elsewhere.isEmpty, let containers, let spec = order.container else { return existing }
        return existing.union(try await containers.images.files(among: elsewhere, visibleIn: spec))
    }

    // MARK: - Paths

    private var attemptPaths: AttemptPaths { AttemptPaths(of: order, in: state) }

    private var paths: SeenPaths {
        SeenPaths(attempt: attemptPaths, real: order.container == nil ? InspectedFile.real : SeenPaths.tidy)
    }

    /// Prefixes as the stages saw them, and where they lie here.
    private var mounts: [(seen: String, here: String)] {
        let own = (attemptPaths.prefix, state.prefix(of: order.project, key: order.prefixKey))
        return [own]
            + order.upstreams.compactMap { upstream in
                attemptPaths.upstreamPrefix[upstream.project].map {
                    ($0, state.prefix(of: upstream.project, key: upstream.key))
                }
            }
    }
}
