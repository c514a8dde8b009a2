// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Holds what CMake found and what was compiled and linked against what was built for it: pure.
package struct ConsumptionProof: Sendable {
    private let cache: CMakeCache
    private let trace: BuildTrace
    private let uses: [String: UpstreamUse]
    private let paths: SeenPaths
    private let isComplete: Bool

    /// Holds `trace` against what its upstreams offer.
    ///
    /// - Parameters:
    ///   - paths: the paths of the attempt.
    ///   - existing: of each search of the trace the first file that exists, and others that do.
    ///   - needed: the libraries that the installed files need.
    ///   - isComplete: whether all stages passed; else what was not used may only not have been used yet.
    package init(
        _ trace: BuildTrace, at paths: SeenPaths, existing: Set<String>, needed: Set<String>, isComplete: Bool
    ) {
        cache = CMakeCache(trace.caches)
        self.trace = trace
        self.paths = paths
        self.isComplete = isComplete
        let uses = trace.offers.all.map { UpstreamUse($0, in: trace, at: paths, existing: existing, needed: needed) }
        self.uses = Dictionary(uses.map { ($0.offer.project, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What was taken of the upstreams, for people.
    package var consumption: Consumption {
        let upstreams = uses.values.sorted { $0.offer.project < $1.offer.project }.map { use in
            Consumption.Upstream(
                project: use.offer.project, headers: use.headers.count, libraries: use.libraries,
                hasPrograms: use.hasPrograms,
                elsewhere: use.strays.union(borrowed(by: use)).union(
                    use.copiedLibraries.filter(use.offer.isNamedAfter(library:))
                )
                .union(use.isUsed ? use.copies : use.copiedHeaders))
        }
        return Consumption(
            upstreams: upstreams, hasHeaders: trace.hasHeaders,
            hasLibraries: trace.hasLibraries || upstreams.contains { !$0.libraries.isEmpty })
    }

    /// Whether something of `project` was compiled, linked or run.
    package func isUsed(_ project: String) -> Bool { uses[project]?.isUsed ?? false }

    /// What is wrong about the upstreams of `requirements`.
    ///
    /// One that was taken from elsewhere is wrong, required or not; one of which nothing was taken is unused if it is
    /// required, as is one of which the project builds a copy, wherever a package of that name was found.
    package func findings(for requirements: [ExpandedRecipe.Requirement]) -> [ConsumptionFinding] {
        requirements.flatMap { findings(for: $0) }
    }

    private func findings(for requirement: ExpandedRecipe.Requirement) -> [ConsumptionFinding] {
        guard let prefix = paths.attempt.upstreamPrefix[requirement.project] else { return [] }
        let evidence = evidence(for: requirement)
        // What lies in the build folder was made along with the project: a copy, not another installation.
        let bundled = evidence.filter { entry in
            entry.paths.allSatisfy { paths.lies($0, below: paths.attempt.build) }
        }
        let shown = evidence.filter { !bundled.contains($0) }
        let strays =
            shown.compactMap { entry in
                stray(of: entry, prefix: prefix).map { stray in
                    wrong("`\(entry.name)` is `\(stray)`, which is not in the prefix of `\(requirement.project)`")
                }
            } + strays(of: requirement.project)
        guard strays.isEmpty, !requirement.optional, requirement.canBeProved,
            !isFetched(requirement, from: prefix)
        else { return strays }
        let isFromPrefix =
            uses[requirement.project].map { $0.isUsed && $0.copiedHeaders.isEmpty && !$0.isReplaced } ?? false
        if !isFromPrefix, let copy = bundledCopy(of: requirement) ?? bundled.first {
            let location = copy.paths.first.map { " in `\($0)`" } ?? ""
            return [
                unused("a copy of `\(requirement.project)`\(location) is built instead of its prefix (`\(copy.name)`)")
            ]
        }
        if let use = uses[requirement.project], use.isUsed { return [] }
        guard shown.isEmpty else { return isComplete ? untouched(requirement.project) : [] }
        guard !trace.caches.isEmpty else { return isComplete ? untouched(requirement.project) : [] }
        let names = (requirement.packages.map { "\($0)_DIR" } + requirement.proof).map { "`\($0)`" }.joined(
            separator: " nor ")
        return [unused("CMake did not find `\(requirement.project)`: its cache has no path in \(names)")]
    }

    /// What was compiled or linked in place of what the upstream has.
    private func strays(of project: String) -> [ConsumptionFinding] {
        guard let use = uses[project] else { return [] }
        let strays = use.strays.union(borrowed(by: use)).sorted().map {
            let word = LibraryName.stem(of: $0.fileName) == nil ? "compiled" : "linked"
            return wrong("`\($0)` was \(word), which is not in the prefix of `\(project)`")
        }
        guard strays.isEmpty else { return strays }
        if use.isReplaced, !use.headers.isEmpty, let copy = use.copiedLibraries.min() {
            return [wrong("`\(copy)` was linked, a copy, and headers of `\(project)` come from its prefix")]
        }
        if use.headers.isEmpty, !use.libraries.isEmpty, let copy = use.copies.min() {
            return [wrong("`\(copy)` was compiled, a copy, and libraries of `\(project)` come from its prefix")]
        }
        return []
    }

    /// What was taken from other upstreams in place of what `use` has; only where something of that is used too.
    private func borrowed(by use: UpstreamUse) -> [String] {
        use.isUsed ? uses.values.flatMap(use.borrowed) : []
    }

    /// That nothing of `project` was compiled or linked, if that would show.
    private func untouched(_ project: String) -> [ConsumptionFinding] {
        guard let use = uses[project], use.wouldShow(in: trace) else { return [] }
        if let copy = use.copiedLibraries.min() ?? use.copiedHeaders.min() ?? use.borrowed.values.joined().min() {
            return [unused("a copy of `\(project)` in `\(copy)` was used instead of its prefix")]
        }
        return [unused("nothing of `\(project)` was compiled or linked, though its prefix was there")]
    }

    private func wrong(_ text: String) -> ConsumptionFinding {
        ConsumptionFinding(reason: .inspectWrongUpstream, text: text)
    }

    private func unused(_ text: String) -> ConsumptionFinding {
        ConsumptionFinding(reason: .inspectUnusedUpstream, text: text)
    }

    /// How many entries show where one upstream was found: a cache has one of each name, and there are 16 caches.
    private static let evidenceLimit = 256

    /// The entries that show where the upstream was found.
    private func evidence(for requirement: ExpandedRecipe.Requirement) -> [CMakeCache.Entry] {
        // One that was given stays UNINITIALIZED when it is used, too.
        let packages = requirement.packages.flatMap(directories)
            // FetchContent's word for a copy of its own is a folder of links.
            .filter { !$0.value.hasSuffix("/CMakeFiles/pkgRedirects") }
        let all = packages + requirement.proof.flatMap { cache.entries($0) }
        return Array(all.lazy.filter { !$0.paths.isEmpty }.prefix(Self.evidenceLimit))
    }

    /// The entries that say where CMake found `package`; one in other letters may be a variable of the project itself.
    private func directories(of package: String) -> [CMakeCache.Entry] {
        cache.entries(likely: "\(package)_DIR").filter { entry in
            entry.name == "\(package)_DIR" || entry.paths.allSatisfy { $0.lowercased().contains("cmake") }
        }
    }

    /// The path that shows that `entry` does not speak of the upstream in `prefix`.
    ///
    /// A list may name what other upstreams installed too, but nothing else.
    private func stray(of entry: CMakeCache.Entry, prefix: String) -> String? {
        let found = entry.paths
        guard found.contains(where: { paths.lies($0, below: prefix) }) else { return found.first }
        return found.first { !paths.lies($0, belowAny: paths.attempt.upstreamPrefix.keys) }
    }

    /// Whether FetchContent was pointed at sources in the prefix: what is built along is the upstream itself, not a copy.
    private func isFetched(_ requirement: ExpandedRecipe.Requirement, from prefix: String) -> Bool {
        requirement.packages.flatMap { cache.entries("FETCHCONTENT_SOURCE_DIR_\($0.uppercased())") }
            .contains { entry in entry.paths.contains { paths.lies($0, below: prefix) } }
    }

    /// The entry that shows that a copy of the upstream is built along with the project.
    private func bundledCopy(of requirement: ExpandedRecipe.Requirement) -> CMakeCache.Entry? {
        let own = Set(cache.entries("CMAKE_PROJECT_NAME").map { $0.value.lowercased() })
        for package in requirement.packages where !own.contains(package.lowercased()) {
            let projects = cache.entries(likely: "\(package)_SOURCE_DIR").filter { $0.type == "STATIC" }
            let fetched = cache.entries("FETCHCONTENT_SOURCE_DIR_\(package.uppercased())")
            if let copy = projects.first ?? fetched.first { return copy }
        }
        return nil
    }
}

extension ExpandedRecipe.Requirement {
    /// Whether a cache can show that the upstream is consumed.
    package var canBeProved: Bool { !packages.isEmpty || !proof.isEmpty }
}
