// SPDX-License-Identifier: Apache-2.0

extension Shape {
    static let stack = Shape(
        .stack,
        keys: [
            "stack", "title", "images", "runtime", "fallback", "site-url", "variants", "lanes", "schedule", "poll",
            "digest", "backup", "keep", "limits", "policy", "notify",
        ])
    static let variant = Shape(.stack, "variant", keys: ["image", "lanes", "schedule"])
    static let backup = Shape(.stack, "backup", keys: ["to", "every", "keep"])
    static let keep = Shape(.stack, "keep", keys: ["logs"])
    static let stackLimits = Shape(.stack, "limits", keys: hostLimitKeys + attemptLimitKeys)
    static let policy = Shape(.stack, "policy", keys: ["reruns", "page-after", "or-after", "reprobe"])
    static let pageAfter = Shape(.stack, "page-after", keys: ["age", "heads"])
    static let orAfter = Shape(.stack, "or-after", keys: ["age", "runs"])

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

let hostLimitKeys = ["jobs", "store", "hours", "probes", "search-hours"]
let attemptLimitKeys = ["attempt", "silence", "log", "memory", "processes", "disk"]
