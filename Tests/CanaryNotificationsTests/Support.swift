// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import Foundation
import Testing

/// An instant, in minutes after Friday 2027-01-15 08:00 UTC.
func minute(_ minutes: Double) -> Date { Date(timeIntervalSince1970: 1_800_000_000 + minutes * 60) }

func job(_ project: String, variant: String = "vfx2026") -> JobID {
    JobID(project: project, variant: variant, lane: .head)
}

let goodImageio = String(repeating: "1", count: 40)
let badImageio = String(repeating: "2", count: 40)
let usd = String(repeating: "a", count: 40)

/// Two projects, one upstream of the other.
func stack(notify: [NotifyTarget] = [], siteURL: String? = "https://canary.example.org/") throws -> Stack {
    let image = Image(
        name: "ci-vfxall-2026", reference: "aswf/ci-vfxall:2026@sha256:\(String(repeating: "e", count: 64))")
    let projects = [
        Project(
            name: "openimageio",
            location: .repository("https://bot:secret@github.com/AcademySoftwareFoundation/OpenImageIO.git"),
            builds: [:],
            owners: ["@oiio-maintainers", "a@example.org"], variants: ["vfx2026"]),
        Project(
            name: "openusd", location: .repository("https://git.example.org/usd.git"),
            upstreams: [Upstream(project: "openimageio")], builds: [:], owners: ["@usd/build"], variants: ["vfx2026"]),
    ]
    return Stack(
        name: "aswf", siteURL: siteURL, variants: [Variant(name: "vfx2026", image: image, lanes: [.head])],
        graph: try ProjectGraph(projects), operation: Operation(digest: try CronSchedule("0 8 * * *")), notify: notify)
}

/// What history would know about the broken job.
func facts(error: FirstError? = FirstError(text: "'OIIO_FOO' was not declared", file: "pxr/hio.cpp", line: 12))
    -> NoticeFacts
{
    var facts = NoticeFacts()
    facts.episode = "e1"
    facts.lastKnownGood = RevisionVector(at: minute(-3000), revisions: ["openusd": usd, "openimageio": goodImageio])
    facts.firstKnownBad = RevisionVector(at: minute(-1440), revisions: ["openusd": usd, "openimageio": badImageio])
    facts.environment = "sha256:" + String(repeating: "e", count: 64)
    facts.firstError = error
    facts.attempt = "a77"
    return facts
}

/// A notice about the broken job, of an event that `openimageio` caused.
///
/// - Parameter thread: the thread that it changes or closes; nil if it opens one.
func notice(
    _ kind: Notice.Kind = .page, run: String = "r1", at date: Date = minute(0), thread: String? = nil,
    culprit: Notice.Culprit? = nil, error: FirstError? = facts().firstError
) throws -> Notice {
    var context = NoticeContext(run: run, at: date)
    context.facts = [job("openusd"): facts(error: error)]
    context.thread = thread
    context.culprit = culprit
    let number = [.suspected, .healed, .stale].contains(kind) ? nil : 1
    let event = NoticeEvent(
        kind: kind, job: job("openusd"), upstream: "openimageio", number: number, since: minute(-1440))
    return Notice(event, of: try stack(), in: context)
}

let culprit = Notice.Culprit(
    Commit(
        project: "openimageio", revision: badImageio, parents: [goodImageio], subject: "Remove OIIO_FOO",
        author: "A. Author"), confidence: 0.9971, isConfirmed: true)

extension NotifyTarget {
    static func webhook(_ format: WebhookFormat = .json, named name: String = "chat") -> NotifyTarget {
        NotifyTarget(name: name, kind: .webhook(format: format, urlVariable: "CHAT_URL"))
    }

    static let issues = NotifyTarget(
        name: "issues", kind: .githubIssue(repository: "aswf/canary", tokenVariable: "GITHUB_TOKEN"))
}

/// History in memory, and the stack's receivers, with a server behind all that speak HTTP.
struct Outbox {
    let history: History
    let stack: Stack
    let receivers: [any Receiver]
    /// Serves as long as this lives.
    let server: LocalServer?
    var policy = DeliveryPolicy()

    init(
        _ targets: [NotifyTarget], server: LocalServer? = nil, history: History? = nil, folder: String = "/",
        timeout: Duration = .seconds(30), now: Date = minute(0)
    ) throws {
        self.history = try history ?? History.inMemory(stack: "aswf", clock: { now })
        self.server = server
        stack = try CanaryNotificationsTests.stack(notify: targets)
        var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        environment[Receivers.gitHubVariable] = server?.url
        let hook = server.map { "\($0.url)/hook/s3cret" } ?? "http://127.0.0.1:1/"
        receivers = try Receivers(
            folder: folder, environment: environment, secrets: ["GITHUB_TOKEN": "t0ken", "CHAT_URL": hook],
            timeout: timeout
        ).open(targets)
    }

    func put(_ notices: [Notice]) async throws {
        try await history.outbox.put(notices.flatMap { stack.outboxEntries(for: $0) })
    }

    @discardableResult
    func deliver(_ minutes: Double = 0) async throws -> DispatchReport {
        try await NoticeDispatcher(outbox: history.outbox, receivers: receivers, policy: policy).deliver(
            at: minute(minutes))
    }
}

extension DispatchReport {
    var errors: [String?] { attempts.map(\.error) }
}
