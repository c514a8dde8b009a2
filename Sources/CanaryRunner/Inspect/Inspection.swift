// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
package import CanaryFiles
package import CanaryModel

/// Looks at what an attempt left behind for proof that it consumed its upstreams: what CMake found, and what the
/// installed files load.
package struct Inspection: Sendable {
    /// What an inspection came to.
    package struct Report: Hashable, Sendable {
        /// What the attempt ended with in place of all else; nil when nothing is wrong.
        package let outcome: Outcome?
        /// What people should read about it beside the outcome's first error.
        package let note: String?
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
    /// A failure of a later stage gives way to a wrong upstream, which may be why it failed.
    ///
    /// - Throws: `RunnerFailure` when the image must be asked and its engine does not answer; `InstalledTreeProblem`;
    ///   `ReadingInterrupted` when the task is cancelled.
    package func report(after end: AttemptEnd) async throws -> Report {
        let isComplete = end.cause == .completed
        guard !order.upstreams.isEmpty, isComplete || hasFailedLate(end) else { return Report(outcome: nil, note: nil) }
        let caches = caches()
        guard !caches.isEmpty else {
            let note = "no CMakeCache.txt: consumption of upstreams is not proved"
            return Report(outcome: nil, note: isComplete ? note : nil)
        }
        let paths = paths
        let cache = CMakeCache(caches)
        try ReadingInterrupted.check("\(state.attempt(order.attempt).build)/CMakeCache.txt")
        var findings = ConsumptionProof(cache: cache, paths: paths).findings(for: requirements)
        if isComplete { findings += try await libraryFindings(paths) }
        return report(findings)
    }

    private func hasFailedLate(_ end: AttemptEnd) -> Bool {
        guard case .stageFailed(let stage, _) = end.cause, stage > .configure else { return false }
        return end.stages.contains { $0.stage == .configure && $0.exit == .code(0) }
    }

    /// How much of a finding is noted beside the first one: as much as of a first error.
    private static let noteLimit = 500

    private func report(_ findings: [ConsumptionFinding]) -> Report {
        let names = PathNames(attemptPaths)
        let worst = findings.first { $0.reason == .inspectWrongUpstream } ?? findings.first
        guard let worst else {
            let silent = requirements.filter { !$0.optional && !$0.canBeProved }.map { "`\($0.project)`" }
            let note = "no `provides.packages`: consumption of \(silent.joined(separator: ", ")) is not proved"
            return Report(outcome: nil, note: silent.isEmpty ? nil : note)
        }
        let others = findings.filter { $0 != worst }.prefix(20).map {
            names.shortened(String($0.text.prefix(Self.noteLimit)))
        }
        let outcome = Diagnosis.outcome(of: worst.reason, in: .inspect, saying: worst.text, names: names)
        return Report(outcome: outcome, note: (others + [Self.hint(for: worst.reason)]).joined(separator: "\n"))
    }

    private static func hint(for reason: ReasonCode) -> String {
        reason == .inspectWrongUpstream
            ? "hint: upstream prefixes come first in `CMAKE_PREFIX_PATH`; what overrides that is a path in the project, "
                + "an option of its manifest, or a copy in the image that `provides.files` does not hide"
            : "hint: if other variables show its location, list them in `proof`; if it may be missing, use `optional: true`"
    }

    // MARK: - What CMake found

    /// The contents of the caches in the build folder and the folders in it, else of those in the source; at most 16.
    private func caches() -> [[UInt8]] {
        let folder = state.attempt(order.attempt)
        for root in [folder.build, folder.source] {
            let files = ([root] + Folder.folders(in: root).map { "\(root)/\($0)" }).map { "\($0)/CMakeCache.txt" }
            let found = files.lazy.filter(InspectedFile.exists).prefix(16).compactMap {
                InspectedFile.contents(of: $0, atMost: CMakeCache.sizeLimit)
            }
            if !found.isEmpty { return Array(found) }
        }
        return []
    }

    // MARK: - What the installed files load

    private func libraryFindings(_ paths: SeenPaths) async throws -> [ConsumptionFinding] {
        let attemptPaths = attemptPaths
        let root = state.prefix(of: order.project, key: order.prefixKey)
        let own = try InstalledLibraries(in: root)
        let upstreams = try order.upstreams.map { ($0.project, try libraries(of: $0)) }
        let libraryPath = StageEnvironment(of: order, in: attemptPaths).variables["LD_LIBRARY_PATH"] ?? ""
        let resolution = LibraryResolution(
            paths: paths, own: own.names, installed: Dictionary(upstreams, uniquingKeysWith: { first, _ in first }),
            libraryPath: libraryPath.split(separator: ":").map(String.init))
        let objects = own.objects.map {
            LibraryResolution.Object(path: "\(attemptPaths.prefix)/\($0.path)", file: $0.file)
        }
        let existing = try await existing(of: objects.lazy.flatMap(resolution.searches))
        return try resolution.findings(of: objects, existing: existing)
    }

    /// The names of the libraries of a stored upstream; one that is beyond today's bounds is no fault of this build.
    private func libraries(of upstream: WorkOrder.UpstreamPrefix) throws -> Set<String> {
        do {
            return try InstalledLibraries(in: state.prefix(of: upstream.project, key: upstream.key)).names
        } catch is InstalledTreeProblem {
            return []
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
