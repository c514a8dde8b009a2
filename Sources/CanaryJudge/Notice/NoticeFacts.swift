// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// What is known of one job that a notice tells of.
package struct NoticeFacts: Hashable, Sendable {
    /// Its episode, open or just closed.
    package var episode: String?
    /// Its newest good inputs.
    package var lastKnownGood: Notice.Point?
    /// Its oldest bad inputs after them.
    package var firstKnownBad: Notice.Point?
    /// The environment id of the bad inputs, or of the good ones where there are none.
    package var environment: String?
    /// Its first error.
    package var firstError: FirstError?
    /// The attempt that shows it.
    package var attempt: String?
    /// The issue of the expected failure that it passed in spite of.
    package var issue: String?

    /// Starts with nothing known.
    package init() {}
}

/// What a notice is made of beside the message.
package struct NoticeContext: Sendable {
    /// The run that brought the message; part of the key of what is told once a run.
    package var run: String
    /// When the notice is made.
    package var at: Date
    /// Whether a page that was sent before reads otherwise now.
    package var isUpdate = false
    /// The thread of the notice that the message changes or closes; nil for one that opens a thread.
    package var thread: String?
    /// What is known of its jobs.
    package var facts: [JobID: NoticeFacts] = [:]
    /// The jobs of the message whose own notices it holds.
    package var held: Set<JobID> = []
    /// The commit in all its words, where more is known of it than the message says.
    package var culprit: Notice.Culprit?

    /// A context without facts.
    package init(run: String, at date: Date) {
        self.run = run
        at = date
    }
}

extension Notice {
    /// The notice of `message`, whole.
    ///
    /// - Parameter stack: gives repositories, images, owners and the address of pages.
    package init(_ message: Message, of stack: Stack, in context: NoticeContext) {
        let facts = context.facts[message.job] ?? NoticeFacts()
        let kind = context.isUpdate && message.kind == .page ? Kind.updated : Kind(message.kind)
        let thread = Self.thread(of: message, facts, context)
        let culprit = Self.culprit(message, stack, context)
        let suspect = culprit?.project ?? message.upstream
        self.init(
            key: Self.key(kind, message, stack.name, thread, context.run), kind: kind,
            urgency: context.isUpdate ? .digest : message.urgency, audience: message.audience, stack: stack.name,
            thread: thread, number: message.notice, at: context.at, job: message.job,
            jobs: message.jobs.filter { !context.held.contains($0) || $0 == message.job },
            held: message.jobs.filter { context.held.contains($0) && $0 != message.job },
            upstream: message.upstream, since: message.since, lastKnownGood: facts.lastKnownGood,
            firstKnownBad: facts.firstKnownBad,
            ranges: Self.ranges(facts, stack, own: message.job.project, suspect: suspect), culprit: culprit,
            firstError: facts.firstError, image: Self.image(message.job, facts, stack), attempt: facts.attempt,
            episode: facts.episode, issue: facts.issue, owners: Self.owners(message.job, suspect, stack),
            page: stack.page(of: message.job), isWeekly: message.isWeekly)
    }

    /// The number alone would come again after a restore, the episode alone when its culprit turns out to be another.
    private static func thread(of message: Message, _ facts: NoticeFacts, _ context: NoticeContext) -> String? {
        if let thread = context.thread { return thread }
        guard let number = message.notice else { return message.kind == .page ? facts.episode : nil }
        let opening = message.kind == .page ? facts.episode : nil
        return "\(opening ?? context.run)-n\(number)"
    }

    /// A page opens its thread and a recovery closes it, each once; all else is told once a run.
    private static func key(_ kind: Kind, _ message: Message, _ stack: String, _ thread: String?, _ run: String)
        -> String
    {
        if let thread {
            switch kind {
            case .page, .recovered: return "\(stack):\(kind.rawValue):\(thread)"
            case .updated: return "\(stack):updated:\(thread):\(run)"
            case .flaky, .suspected, .healed, .environment, .changed, .unexpectedPass, .stale: break
            }
        }
        return "\(stack):\(kind.rawValue):\(message.job):\(run)"
    }

    private static func culprit(_ message: Message, _ stack: Stack, _ context: NoticeContext) -> Culprit? {
        guard let commit = message.culprit else { return context.culprit }
        let known = context.culprit.flatMap { $0.revision == commit.revision ? $0 : nil }
        let repository = stack.repository(of: commit.project)
        return Culprit(
            project: commit.project, revision: commit.revision, parent: known?.parent, subject: known?.subject,
            author: known?.author, confidence: known?.confidence, isConfirmed: known?.isConfirmed ?? false,
            link: known?.link ?? repository.flatMap { ForgeLink($0)?.commit(commit.revision) })
    }

    private static func ranges(_ facts: NoticeFacts, _ stack: Stack, own: String, suspect: String?) -> [Range] {
        guard let good = facts.lastKnownGood?.revisions, let bad = facts.firstKnownBad?.revisions else { return [] }
        let moved = Set(good.keys).union(bad.keys).filter { good[$0] != bad[$0] }
        let rank = { (project: String) in project == suspect ? 0 : project == own ? 2 : 1 }
        return moved.sorted { (rank($0), $0) < (rank($1), $1) }.map { project in
            let repository = stack.repository(of: project)
            let (from, to) = (good[project], bad[project])
            let forge = repository.flatMap { ForgeLink($0) }
            let link = from.flatMap { from in to.flatMap { forge?.compare(from, $0) } }
            return Range(
                project: project, from: from, to: to, repository: repository.map(RepositoryAddress.withoutSecrets),
                link: link)
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
    /// The repository that `project` is built from; nil for a folder of the stack's own.
    package func repository(of project: String) -> String? {
        guard case .repository(let address) = graph[project]?.location else { return nil }
        return address
    }

    /// The forge's page that compares two revisions of `project`; nil where there is none.
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
