// SPDX-License-Identifier: Apache-2.0

/// What a document must look like: every key written, unknown ones allowed.
indirect enum Shape: Sendable {
    case text
    case number
    case bool
    /// RFC 3339 in UTC.
    case instant
    /// A whole commit id.
    case sha
    /// 64 hexadecimal digits.
    case key
    case word(Set<String>)
    case orNull(Shape)
    case list(Shape)
    case map(Shape)
    case object([String: Shape])

    func problems(of value: JSON, at path: String) -> [String] {
        switch (self, value) {
        case (.text, .text), (.number, .number), (.bool, .bool), (.orNull, .null): return []
        case (.instant, .text(let text)): return matches(text, /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, path)
        case (.sha, .text(let text)): return matches(text, /[0-9a-f]{40}/, path)
        case (.key, .text(let text)): return matches(text, /[0-9a-f]{64}/, path)
        case (.word(let words), .text(let text)):
            return words.contains(text) ? [] : ["\(path): `\(text)` is not one of the words"]
        case (.orNull(let shape), _): return shape.problems(of: value, at: path)
        case (.list(let shape), .list(let items)):
            return items.enumerated().flatMap { shape.problems(of: $1, at: "\(path)[\($0)]") }
        case (.map(let shape), .object(let fields)):
            return fields.flatMap { shape.problems(of: $1, at: "\(path).\($0)") }.sorted()
        case (.object(let shapes), .object(let fields)):
            return shapes.flatMap { key, shape in
                fields[key].map { shape.problems(of: $0, at: "\(path).\(key)") } ?? ["\(path).\(key): missing"]
            }.sorted()
        default: return ["\(path): \(value) has a different type"]
        }
    }

    private func matches(_ text: String, _ form: Regex<some Any>, _ path: String) -> [String] {
        text.wholeMatch(of: form) == nil ? ["\(path): `\(text)` has a different form"] : []
    }
}

/// The documents of the contract.
enum Contract {
    /// All that is wrong with `document`.
    static func problems(of document: JSON) -> [String] {
        guard let schema = document["schema"].text else { return ["no `schema`"] }
        switch schema {
        case "canary.run/1": return run.problems(of: document, at: "run")
        case "canary.plan/1": return plan.problems(of: document, at: "plan")
        case "canary.status/1": return status.problems(of: document, at: "status")
        case "canary.graph/1": return graph.problems(of: document, at: "graph")
        case "canary.gc/1": return gc.problems(of: document, at: "gc")
        case "canary.doctor/1": return doctor.problems(of: document, at: "doctor")
        case "canary.backup/1": return backup.problems(of: document, at: "backup")
        case "canary.restore/1": return restore.problems(of: document, at: "restore")
        case "canary.try/1": return trial.problems(of: document, at: "try")
        case "canary.bisect/1": return bisect.problems(of: document, at: "bisect")
        case "canary.replay/1": return replay.problems(of: document, at: "replay")
        case "canary.lkg/1": return lock.problems(of: document, at: "lkg")
        case "canary.tests/1": return tests.problems(of: document, at: "tests")
        case "canary.check/1", "canary.history/1", "canary.show/1", "canary.reproduce/1", "canary.request/1",
            "canary.lock-comparison/1", "canary.feed-report/1":
            return []
        default: return ["`\(schema)` is not a known schema"]
        }
    }

    private static let result = Shape.word(["passed", "failed", "error", "timedOut", "blocked", "skipped", "cancelled"])
    private static let stage = Shape.word(["fetch", "configure", "build", "install", "test", "inspect"])
    private static let verdict = Shape.word(["unknown", "passing", "suspected", "broken"])
    private static let purpose = Shape.word(["first", "rerun", "confirm", "control", "probe", "forced"])
    private static let reason = Shape.object([
        "code": .word([
            "never-built", "head-moved", "upstream-changed", "recipe-changed", "image-changed", "again", "confirm",
            "control", "probe", "forced", "unchanged", "cut-off", "ignored-paths", "not-selected", "still-broken",
            "budget",
            "held", "upstream-red",
        ]), "detail": .text,
    ])
    private static let snapshot = Shape.object([
        "revisions": .map(.sha), "releases": .map(.sha), "environments": .map(.text),
    ])
    private static let firstError = Shape.orNull(
        .object(["text": .text, "file": .orNull(.text), "line": .orNull(.number)]))
    private static let planned: [String: Shape] = [
        "job": .text, "project": .text, "variant": .text, "lane": .word(["head", "release", "platform"]),
        "revision": .orNull(.sha), "upstreams": .map(.sha), "key": .orNull(.key), "conditional": .bool,
        "action": .word(["build", "reuse", "blocked", "skip"]), "reason": reason,
    ]
    private static let builds = Shape.list(
        .object([
            "key": .orNull(.key), "project": .text, "revision": .sha, "variant": .text,
            "upstreams": .map(.orNull(.key)),
            "jobs": .list(.text),
        ]))
    private static let attempt = Shape.object([
        "attempt": .text, "purpose": purpose, "startedAt": .instant, "seconds": .orNull(.number),
        "result": .orNull(result),
        "stages": .list(.object(["stage": stage, "seconds": .number, "exit": .orNull(.number)])),
    ])

    private static let plan = Shape.object(["snapshot": snapshot, "jobs": .list(.object(planned)), "builds": builds])

    private static let run = Shape.object([
        "run": .text, "trigger": .text, "judged": .bool, "startedAt": .instant, "finishedAt": .orNull(.instant),
        "snapshot": snapshot, "builds": builds, "wouldTell": .list(.object(["kind": .text, "job": .text])),
        "transitions": .list(
            .object(["job": .text, "from": verdict, "to": verdict, "at": .instant, "episode": .orNull(.text)])),
        "jobs": .list(
            .object(
                planned.merging([
                    "result": .orNull(result), "stage": .orNull(stage),
                    "fault": .orNull(.word(["change", "environment", "unknown"])), "reasonCode": .orNull(.text),
                    "firstError": firstError, "fingerprint": .orNull(.text), "attempts": .list(attempt),
                    "verdict": verdict, "redUpstreams": .list(.text), "fallback": .map(.sha),
                ]) { $1 })),
    ])

    private static let lock = Shape.object([
        "variant": .text, "at": .instant, "run": .text, "revisions": .map(.sha), "keys": .map(.key),
        "image": .orNull(.object(["name": .text, "reference": .text, "digest": .text])), "except": .list(.text),
    ])

    private static let removal = Shape.object([
        "kind": .word(["prefix", "log", "mirror", "ccache", "leftover"]), "path": .text, "bytes": .number,
        "lastUsedAt": .orNull(.instant), "reason": .word(["leftover", "expired", "foreign", "unused"]),
    ])
    private static let gc = Shape.object([
        "dryRun": .bool, "limit": .number, "bytesBefore": .number, "bytesAfter": .number, "freed": .number,
        "withinLimit": .bool, "removed": .list(removal), "failed": .list(removal),
    ])
    private static let doctor = Shape.object([
        "ok": .bool,
        "checks": .list(
            .object([
                "check": .text, "level": .word(["ok", "warning", "error"]), "text": .text, "hint": .orNull(.text),
            ])),
    ])
    private static let backup = Shape.object([
        "file": .text, "bytes": .number, "stack": .text, "runs": .number, "newestRow": .orNull(.instant),
    ])
    private static let restore = Shape.object([
        "file": .text, "stack": .text, "runs": .number, "newestRow": .orNull(.instant), "kept": .orNull(.text),
        "forgottenPrefixes": .number,
    ])

    private static let known = Shape.orNull(.object(["at": .instant, "snapshot": snapshot]))

    private static let status = Shape.object([
        "generatedAt": .orNull(.instant), "nextRunBy": .orNull(.instant), "stack": .text,
        "jobs": .list(
            .object([
                "job": .text, "verdict": verdict, "flaky": .bool, "stale": .bool, "held": .bool,
                "since": .orNull(.instant),
                "pagesAt": .orNull(.instant), "lastResult": .orNull(result), "lastRunAt": .orNull(.instant),
                "lastKnownGood": known, "firstKnownBad": known, "expectedFailure": .orNull(.text),
                "episode": .orNull(
                    .object([
                        "id": .text, "culprits": .list(.text), "firstError": firstError, "url": .orNull(.text),
                    ])),
            ])),
    ])

    private static let replay = Shape.object([
        "attempts": .number,
        "messages": .list(
            .object([
                "at": .instant, "job": .text, "jobs": .list(.text), "upstream": .orNull(.text),
                "kind": .word(["flaky", "suspected", "healed", "page", "environment", "recovered"]),
            ])),
    ])

    private static let trial = Shape.object([
        "changes": .map(.sha),
        "answers": .list(
            .object([
                "job": .text,
                "answer": .word(["fine", "yours", "pre-existing", "flaky", "infrastructure", "untestable"]),
                "detail": .text, "run": .orNull(.text), "firstError": firstError, "revisions": .map(.sha),
            ])),
    ])

    private static let tests = Shape.object([
        "tests": .list(
            .object([
                "job": .text, "test": .text, "ran": .number, "failed": .number, "flakes": .number,
                "flakeRate": .number, "lastResult": .word(["passed", "failed", "skipped"]), "lastSeconds": .number,
                "lastAttempt": .text,
            ]))
    ])

    private static let named = Shape.object(["project": .text, "revision": .text])
    private static let bisect = Shape.object([
        "result": .orNull(
            .word(["culprit", "set", "flake", "environment", "unresolved", "notMonotone", "nothingMoved"])),
        "culprit": .orNull(
            .object([
                "project": .text, "revision": .sha, "parent": .sha, "subject": .text, "author": .text,
                "committedAt": .instant, "confidence": .number,
            ])),
        "candidates": .list(.object(["project": .text, "revision": .text, "probability": .number])),
        "interaction": .orNull(.object(["first": named, "second": named])),
        "probes": .list(
            .object([
                "n": .number, "phase": .word(["search", "control", "isolation", "confirm"]), "position": .number,
                "project": .text, "revision": .text, "answer": .word(["pass", "fail", "untestable", "error"]),
                "reused": .bool, "seconds": .number,
            ])), "builds": .number, "confirmationBuilds": .number, "confirmed": .bool,
    ])

    private static let graph = Shape.object([
        "projects": .list(
            .object([
                "project": .text, "level": .number, "upstreams": .list(.object(["project": .text, "optional": .bool])),
            ]))
    ])
}
