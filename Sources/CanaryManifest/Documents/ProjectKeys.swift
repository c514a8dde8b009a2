// SPDX-License-Identifier: Apache-2.0

extension Shape {
    static let project = Shape(
        .project,
        keys: [
            "project", "title", "repository", "source", "branch", "release-tags", "upstreams", "ignore", "provides",
            "cmake", "stages", "per-variant", "only", "limits", "network", "submodules", "owners", "hold",
            "expected-failures",
        ])
    static let upstream = Shape(.project, "upstream", keys: ["project", "optional", "at", "until", "reason", "proof"])
    static let provides = Shape(.project, "provides", keys: ["packages", "files"])
    static let cmake = Shape(.project, "cmake", keys: ["options", "test"])
    static let stage = Shape(.project, "stage", keys: ["stage", "run"])
    static let projectVariant = Shape(.project, "per-variant", keys: ["cmake", "stages", "limits"])
    static let projectLimits = Shape(.project, "limits", keys: attemptLimitKeys)
    static let hold = Shape(.project, "hold", keys: ["until", "reason"])
    static let expectedFailure = Shape(
        .project, "expected-failure", keys: ["variant", "lane", "issue", "reason", "until", "match"])
}
