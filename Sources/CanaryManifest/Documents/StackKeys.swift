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
}

let hostLimitKeys = ["jobs", "store", "hours", "probes"]
let attemptLimitKeys = ["attempt", "silence", "log", "memory", "processes"]
