// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation

/// A stack of two projects, of which the upstream broke the downstream.
enum NoticeScene {
    static let good = String(repeating: "1", count: 40)
    static let bad = String(repeating: "2", count: 40)
    static let usd = String(repeating: "a", count: 40)
    static let digest = "sha256:" + String(repeating: "e", count: 64)
    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let usdJob = JobID(project: "openusd", variant: "vfx2026", lane: .head)
    static let oslJob = JobID(project: "osl", variant: "vfx2026", lane: .head)

    static func hours(_ hours: Double) -> Date { now.addingTimeInterval(-hours * 3600) }

    static func stack(
        notify: [NotifyTarget] = [], siteURL: String? = "https://canary.example.org/", digest: String? = "0 8 * * *"
    )
        throws -> Stack
    {
        let image = Image(name: "ci-vfxall-2026", reference: "aswf/ci-vfxall:2026@\(Self.digest)")
        let projects = [
            Project(
                name: "openimageio",
                location: .repository("https://bot:secret@github.com/AcademySoftwareFoundation/OpenImageIO.git"),
                builds: [:], owners: ["@oiio-maintainers", "somebody@example.org"], variants: ["vfx2026"]),
            Project(
                name: "openusd", location: .repository("https://git.example.org/usd.git"),
                upstreams: [Upstream(project: "openimageio")], builds: [:], owners: ["@usd/build"],
                variants: ["vfx2026"]),
            Project(
                name: "osl", location: .folder("osl"), upstreams: [Upstream(project: "openusd")], builds: [:],
                variants: ["vfx2026"]),
        ]
        return Stack(
            name: "aswf", siteURL: siteURL, variants: [Variant(name: "vfx2026", image: image, lanes: [.head])],
            graph: try ProjectGraph(projects),
            operation: Operation(digest: try digest.map { try CronSchedule($0) }), notify: notify)
    }

    static func facts(
        _ error: FirstError? = FirstError(text: "'OIIO_FOO' was not declared", file: "pxr/hio.cpp", line: 12)
    )
        -> NoticeFacts
    {
        var facts = NoticeFacts()
        facts.episode = "e1"
        facts.lastKnownGood = RevisionVector(at: hours(50), revisions: ["openusd": usd, "openimageio": good])
        facts.firstKnownBad = RevisionVector(at: hours(24), revisions: ["openusd": usd, "openimageio": bad])
        facts.environment = digest
        facts.firstError = error
        facts.attempt = "a77"
        return facts
    }

    /// Everything that is known about the commit.
    static func culprit(subject: String = "Remove OIIO_FOO", author: String = "A. Author") -> Notice.Culprit {
        Notice.Culprit(
            Commit(project: "openimageio", revision: bad, parents: [good], subject: subject, author: author),
            confidence: 0.9971, isConfirmed: true)
    }

    static func notice(
        _ kind: Notice.Kind = .page, culprit: Notice.Culprit? = nil, error: FirstError? = facts().firstError,
        run: String = "r1", facts: NoticeFacts? = nil, isWeekly: Bool = false
    ) throws -> Notice {
        let event = NoticeEvent(
            kind: kind, job: usdJob, jobs: kind == .page ? [usdJob, oslJob] : nil, upstream: "openimageio",
            culprit: culprit.map { Commit(project: $0.commit.project, revision: $0.commit.revision) },
            number: kind == .page ? 1 : nil, since: hours(24), isWeekly: isWeekly)
        var context = NoticeContext(run: run, at: now)
        context.facts = [usdJob: facts ?? Self.facts(error)]
        context.held = [oslJob]
        context.culprit = culprit
        return Notice(event, of: try stack(), in: context)
    }
}
