// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// What is known about one job of a notice.
package struct NoticeFacts: Hashable, Sendable {
    /// Its episode, open or just closed.
    package var episode: String?
    /// Its newest good inputs.
    package var lastKnownGood: RevisionVector?
    /// Its oldest bad inputs after them.
    package var firstKnownBad: RevisionVector?
    /// The environment id of the bad inputs, or of the good ones if there are none.
    package var environment: String?
    /// Its first error.
    package var firstError: FirstError?
    /// The attempt that shows it.
    package var attempt: String?
    /// The issue of the expected failure, although it passed.
    package var issue: String?

    /// Creates facts of which nothing is known.
    package init() {}
}

/// What a notice is made of, besides the event.
package struct NoticeContext: Sendable {
    /// The run that caused the event; part of the key of a notice that is sent once per run.
    package var run: String
    /// When the notice is created.
    package var at: Date
    /// The thread of the notice that the event changes or closes; nil if it opens a thread.
    package var thread: String?
    /// What is known about its jobs.
    package var facts: [JobID: NoticeFacts] = [:]
    /// The jobs of the event whose own notices are held inside it.
    package var held: Set<JobID> = []
    /// The culprit, if more is known about it than the event says.
    package var culprit: Notice.Culprit?

    /// Creates a context without facts.
    package init(run: String, at date: Date) {
        self.run = run
        at = date
    }
}

extension Notice {
    /// The complete notice about `event`.
    ///
    /// - Parameter stack: provides repositories, images, owners and the address of pages.
    package init(_ event: NoticeEvent, of stack: Stack, in context: NoticeContext) {
        let facts = context.facts[event.job] ?? NoticeFacts()
        let kind = event.kind
        let thread = Self.thread(of: event, facts, context)
        let culprit = Self.culprit(event, stack, context)
        let suspect = culprit?.commit.project ?? event.upstream
        self.init(
            key: Self.key(event, stack.name, thread, context.run), kind: kind,
            urgency: kind.urgency, audience: kind.audience, stack: stack.name, thread: thread, number: event.number,
            at: context.at, job: event.job,
            jobs: event.jobs.filter { !context.held.contains($0) || $0 == event.job },
            held: event.jobs.filter { context.held.contains($0) && $0 != event.job },
            upstream: event.upstream, since: event.since, lastKnownGood: facts.lastKnownGood,
            firstKnownBad: facts.firstKnownBad,
            ranges: Self.ranges(facts, stack, own: event.job.project, suspect: suspect), culprit: culprit,
            firstError: facts.firstError, image: Self.image(event.job, facts, stack), attempt: facts.attempt,
            episode: facts.episode, issue: facts.issue, owners: Self.owners(event.job, suspect, stack),
            page: stack.page(of: event.job), isWeekly: event.isWeekly)
    }

    /// The number alone would repeat after a restore, the episode alone if another commit turns out to be its culprit.
    private static func thread(of event: NoticeEvent, _ facts: NoticeFacts, _ context: NoticeContext) -> String? {
        if let thread = context.thread { return thread }
        let episode = event.kind == .page || event.kind == .updated ? facts.episode : nil
        guard let number = event.number else { return episode }
        return "\(episode ?? context.run)-n\(number)"
    }

    /// A page opens its thread and a recovery closes it, each once; everything else is sent once per run.
    private static func key(_ event: NoticeEvent, _ stack: String, _ thread: String?, _ run: String) -> String {
        let kind = event.kind
        if let thread {
            switch kind {
            case .page, .recovered: return "\(stack):\(kind.rawValue):\(thread)"
            case .updated: return "\(stack):updated:\(thread):\(run)"
            case .flaky, .suspected, .healed, .environment, .changed, .unexpectedPass, .stale: break
            }
        }
        return "\(stack):\(kind.rawValue):\(event.job):\(run)"
    }

    private static func culprit(_ event: NoticeEvent, _ stack: Stack, _ context: NoticeContext) -> Culprit? {
        guard let commit = event.culprit else { return context.culprit }
        let known = context.culprit.flatMap { $0.commit.revision == commit.revision ? $0 : nil }
        let repository = stack.repository(of: commit.project)
        return Culprit(
            known?.commit ?? commit, confidence: known?.confidence, isConfirmed: known?.isConfirmed ?? false,
            link: known?.link ?? repository.flatMap { ForgeLink($0)?.commit(commit.revision) })
    }

    private static func ranges(_ facts: NoticeFacts, _ stack: Stack, own: String, suspect: String?) -> [Range] {
        guard let good = facts.lastKnownGood, let bad = facts.firstKnownBad else { return [] }
        let rank = { (project: String) in project == suspect ? 0 : project == own ? 2 : 1 }
        let changes = good.changes(to: bad).sorted { (rank($0.project), $0.project) < (rank($1.project), $1.project) }
        return changes.map { change in
            let link = change.from.flatMap { from in
                change.to.flatMap { stack.comparison(of: change.project, from: from, to: $0) }
            }
            return Range(
                project: change.project, from: change.from, to: change.to,
                repository: stack.repository(of: change.project).map(RepositoryAddress.withoutSecrets), link: link)
        }
    }

    private static func image(_ job: JobID, _ facts: NoticeFacts, _ stack: Stack) -> BuildImage? {
        let image = stack.variant(job.variant)?.image
        guard let digest = facts.environment ?? image?.digest else { return nil }
        return BuildImage(name: image?.name ?? job.variant, digest: digest)
    }

    private static func owners(_ job: JobID, _ suspect: String?, _ stack: Stack) -> [String] {
        var owners: [String] = []
        for name in [suspect, job.project].compactMap(\.self) {
            for owner in stack.graph[name]?.owners ?? [] where !owners.contains(owner) { owners.append(owner) }
        }
        return owners
    }
}

extension Stack {
    /// The repository that `project` is built from; nil for a folder of the stack.
    package func repository(of project: String) -> String? {
        guard case .repository(let address) = graph[project]?.location else { return nil }
        return address
    }

    /// The forge's page that compares two revisions of `project`; nil if there is none.
    package func comparison(of project: String, from old: String, to new: String) -> String? {
        repository(of: project).flatMap { ForgeLink($0)?.compare(old, new) }
    }

    /// The address of the page of `job`; nil without `site-url`.
    package func page(of job: JobID) -> String? {
        siteURL.map { base in
            var base = base
            while base.hasSuffix("/") { base.removeLast() }
            return "\(base)/jobs/\(job)"
        }
    }
}
