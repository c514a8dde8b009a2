// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Holds what CMake found against what was built for it: pure.
struct ConsumptionProof: Sendable {
    /// What CMake found.
    let cache: CMakeCache
    /// The paths in it.
    let paths: SeenPaths

    /// What is wrong about the upstreams of `requirements`.
    ///
    /// One that was found elsewhere is wrong, required or not; one that was not found is unused if it is required, as is
    /// one of which the project builds a copy, wherever a package of that name was found.
    func findings(for requirements: [ExpandedRecipe.Requirement]) -> [ConsumptionFinding] {
        requirements.flatMap { findings(for: $0) }
    }

    private func findings(for requirement: ExpandedRecipe.Requirement) -> [ConsumptionFinding] {
        guard requirement.canBeProved, let prefix = paths.attempt.upstreamPrefix[requirement.project] else { return [] }
        let evidence = evidence(for: requirement)
        // What lies in the build folder was made along with the project: a copy, not another installation.
        let bundled = evidence.filter { entry in
            entry.paths.allSatisfy { paths.lies($0, below: paths.attempt.build) }
        }
        let shown = evidence.filter { !bundled.contains($0) }
        let strays = shown.compactMap { entry in
            stray(of: entry, prefix: prefix).map { stray in
                ConsumptionFinding(
                    reason: .inspectWrongUpstream,
                    text: "`\(entry.name)` is `\(stray)`, which is not in the prefix of `\(requirement.project)`")
            }
        }
        guard strays.isEmpty, !requirement.optional else { return strays }
        if let copy = bundledCopy(of: requirement) ?? bundled.first {
            let location = copy.paths.first.map { " in `\($0)`" } ?? ""
            return [
                unused("a copy of `\(requirement.project)`\(location) is built instead of its prefix (`\(copy.name)`)")
            ]
        }
        guard shown.isEmpty else { return [] }
        let names = (requirement.packages.map { "\($0)_DIR" } + requirement.proof).map { "`\($0)`" }.joined(
            separator: " nor ")
        return [unused("CMake did not find `\(requirement.project)`: its cache has no path in \(names)")]
    }

    private func unused(_ text: String) -> ConsumptionFinding {
        ConsumptionFinding(reason: .inspectUnusedUpstream, text: text)
    }

    /// How many entries show where one upstream was found: a cache has one of each name, and there are 16 caches.
    private static let evidenceLimit = 256

    /// The entries that show where the upstream was found.
    private func evidence(for requirement: ExpandedRecipe.Requirement) -> [CMakeCache.Entry] {
        // One that was given stays UNINITIALIZED when it is used, too.
        let packages = requirement.packages.flatMap { cache.entries(likely: "\($0)_DIR") }
            // FetchContent's word for a copy of its own is a folder of links.
            .filter { !$0.value.hasSuffix("/CMakeFiles/pkgRedirects") }
        let all = packages + requirement.proof.flatMap { cache.entries($0) }
        return Array(all.lazy.filter { !$0.paths.isEmpty }.prefix(Self.evidenceLimit))
    }

    /// The path that shows that `entry` does not speak of the upstream in `prefix`.
    ///
    /// A list may name what other upstreams installed too, but nothing else.
    private func stray(of entry: CMakeCache.Entry, prefix: String) -> String? {
        let found = entry.paths
        guard found.contains(where: { paths.lies($0, below: prefix) }) else { return found.first }
        return found.first { !paths.lies($0, belowAny: paths.attempt.upstreamPrefix.keys) }
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
    var canBeProved: Bool { !packages.isEmpty || !proof.isEmpty }
}
