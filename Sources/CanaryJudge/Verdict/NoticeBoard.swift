// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// The notices that are open, and the rule who is told once: grouping and inhibition over all jobs.
package struct NoticeBoard: Hashable, Codable, Sendable {
    private static let environmentPause: TimeInterval = 24 * 3600

    /// What one run brought of one job.
    struct Step {
        let job: JobID
        let news: [JobJudgeState.News]
        /// Whether it failed: only a failure is told of.
        let failed: Bool
        /// When the episode it closed began.
        let since: Date?
    }

    private struct EnvironmentNotice: Hashable, Codable {
        let number: Int
        let at: Date
        var jobs: Set<JobID>

        var message: Message? {
            jobs.min().map {
                Message(kind: .environment, job: $0, jobs: Array(jobs), notice: number, since: at)
            }
        }
    }

    /// The open notices, oldest first.
    package private(set) var notices: [OpenNotice] = []
    /// The last one of each variant.
    private var environmentNotices: [String: EnvironmentNotice] = [:]
    private var lastNumber = 0

    /// Starts without any notice.
    package init() {}

    /// The open notice that tells of `job`.
    package func notice(of job: JobID) -> OpenNotice? { notices.first { $0.holds(job) } }

    /// Takes in what one run brought.
    ///
    /// - Parameter memories: what is known of every job after that run.
    mutating func settle(
        _ unordered: [Step], at date: Date, memories: [JobID: JobJudgeState]
    ) -> (messages: [Message], updated: [Message]) {
        let steps = unordered.sorted { $0.job < $1.job }
        let (before, newest) = (notices, lastNumber)
        var messages = steps.flatMap { step in step.news.compactMap { Self.line($0, step, memories[step.job]) } }
        messages += close(steps)
        var untold = steps.filter { step in
            step.failed && memories[step.job]?.verdict == .broken && notice(of: step.job) == nil
        }.map(\.job)
        while let job = Self.foremost(of: untold, memories) {
            untold.removeAll { $0 == job }
            place(job, at: date, memories: memories)
        }
        let (operators, known) = tellOperators(steps, at: date)
        messages += operators + notices.filter { $0.number > newest }.compactMap { $0.page }
        let updated = notices.filter { notice in
            before.contains { $0.number == notice.number && !Set(notice.jobs.keys).isSubset(of: $0.jobs.keys) }
        }
        return (
            messages.sorted { ($0.job, $0.kind.rank) < ($1.job, $1.kind.rank) },
            updated.compactMap { $0.page } + known
        )
    }

    /// Notes the commit that is proven to have broken `job`; a page only where its notice names another one.
    mutating func found(
        _ culprit: Commit, of job: JobID, at date: Date, memories: [JobID: JobJudgeState]
    ) -> [Message] {
        guard let index = notices.firstIndex(where: { $0.jobs[job] == .red }) else { return [] }
        guard let known = notices[index].culprit else {
            notices[index].culprit = culprit
            return []
        }
        guard known != culprit else { return [] }
        notices[index].jobs[job] = nil
        if notices[index].isOver { notices.remove(at: index) }
        let count = notices.count
        place(job, at: date, memories: memories)
        return notices.dropFirst(count).compactMap { $0.page }
    }

    // MARK: - Digest lines

    private static func line(_ news: JobJudgeState.News, _ step: Step, _ memory: JobJudgeState?) -> Message? {
        let kind: Message.Kind
        switch news {
        case .flaky: kind = .flaky
        case .suspected: kind = .suspected
        case .healed: kind = .healed
        case .changed: kind = .changed
        case .unexpectedPass: kind = .unexpectedPass
        case .broken, .recovered, .controlFailed: return nil
        }
        let upstream = memory?.episode?.movement(of: step.job)?.upstream
        return Message(
            kind: kind, job: step.job, upstream: upstream == step.job.project ? nil : upstream,
            culprit: memory?.episode?.culprit, since: step.since ?? memory?.episode?.openedAt,
            isWeekly: kind == .flaky && memory?.flakes.isFlapping == true)
    }

    // MARK: - Recoveries

    private mutating func close(_ steps: [Step]) -> [Message] {
        // A notice that held the job may be closed already: then it tells of its own recovery.
        let alone = steps.filter { $0.news.contains(.recovered) && notice(of: $0.job) == nil }.map {
            Message(kind: .recovered, job: $0.job, since: $0.since)
        }
        for step in steps {
            for index in notices.indices where notices[index].holds(step.job) {
                if step.news.contains(.recovered) { notices[index].jobs[step.job] = .recovered }
                // A suspected job that stood in it was never broken.
                if step.news.contains(.healed) { notices[index].jobs[step.job] = nil }
            }
        }
        let over = notices.filter(\.isOver)
        notices.removeAll(where: \.isOver)
        return alone
            + over.compactMap { notice in
                notice.message(.recovered, of: notice.jobs.filter { $0.value == .recovered }.keys)
            }
    }

    // MARK: - Pages

    /// The first of `jobs` that waits for no other of them: upstreams come before what consumes them.
    private static func foremost(of jobs: [JobID], _ memories: [JobID: JobJudgeState]) -> JobID? {
        jobs.first { job in
            upstreamJobs(of: job, memories[job]).allSatisfy { !jobs.contains($0) }
        } ?? jobs.first
    }

    /// The jobs that build the upstreams of `job` at the revisions it uses: only lane `head` uses branch heads.
    private static func upstreamJobs(of job: JobID, _ memory: JobJudgeState?) -> [JobID] {
        guard job.lane == .head, let upstreams = memory?.episode?.bad.upstreams else { return [] }
        return upstreams.keys.sorted().filter { $0 != job.project }.map {
            JobID(project: $0, variant: job.variant, lane: .head)
        }
    }

    private mutating func place(_ job: JobID, at date: Date, memories: [JobID: JobJudgeState]) {
        guard let episode = memories[job]?.episode, notice(of: job) == nil else { return }
        if let index = holder(of: job, memories) {
            notices[index].jobs[job] = .held
            return
        }
        for index in notices.indices {
            if notices[index].admit(job, episode) { return }
        }
        lastNumber += 1
        var notice = OpenNotice(
            number: lastNumber, lead: job, openedAt: date, since: episode.openedAt, movement: episode.movement(of: job),
            culprit: episode.culprit, jobs: [job: .red])
        gather(into: &notice, memories)
        notices.append(notice)
    }

    /// The notice that holds the broken job of an upstream of `job`.
    private func holder(of job: JobID, _ memories: [JobID: JobJudgeState]) -> Int? {
        for upstream in Self.upstreamJobs(of: job, memories[job]) where memories[upstream]?.verdict == .broken {
            if let index = notices.firstIndex(where: { $0.holds(upstream) }) { return index }
        }
        return nil
    }

    /// Puts in what else is red for the same reason.
    private func gather(into notice: inout OpenNotice, _ memories: [JobID: JobJudgeState]) {
        let others = memories.filter { job, memory in
            memory.episode?.good != nil && self.notice(of: job) == nil && job != notice.lead
                && holder(of: job, memories) == nil
        }.compactMap { job, memory in memory.episode.map { (job: job, episode: $0) } }.sorted { $0.job < $1.job }
        let cause = notice.culprit == nil ? Self.mostShared(of: notice.movement, others) : nil
        for (job, episode) in others {
            let isOther = cause.map { episode.movement(of: job)?.movers.contains($0) != true } ?? false
            if !isOther { _ = notice.admit(job, episode) }
        }
    }

    /// What moved in most of `others` as well; while the culprit is open, that is what one notice is about.
    private static func mostShared(
        of movement: ChangeSet?, _ others: [(job: JobID, episode: OpenEpisode)]
    ) -> ChangeSet.Change? {
        let shared = others.compactMap { job, episode in
            movement.flatMap { movement in episode.movement(of: job).flatMap(movement.shared) }
        }
        let counts = Dictionary(shared.flatMap(\.movers).map { ($0, 1) }, uniquingKeysWith: +)
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    // MARK: - Operators

    /// One notice a variant, again after 24 h at the earliest; in between it only gets more jobs.
    private mutating func tellOperators(
        _ steps: [Step], at date: Date
    ) -> (messages: [Message], updated: [Message]) {
        var (messages, updated): ([Message], [Message]) = ([], [])
        let failing = Dictionary(
            grouping: steps.filter { $0.news.contains(.controlFailed) }.map(\.job), by: \.variant)
        for (variant, jobs) in failing.sorted(by: { $0.key < $1.key }) {
            if var last = environmentNotices[variant], abs(date.timeIntervalSince(last.at)) < Self.environmentPause {
                if Set(jobs).isSubset(of: last.jobs) { continue }
                last.jobs.formUnion(jobs)
                environmentNotices[variant] = last
                updated += [last.message].compactMap(\.self)
            } else {
                lastNumber += 1
                let notice = EnvironmentNotice(number: lastNumber, at: date, jobs: Set(jobs))
                environmentNotices[variant] = notice
                messages += [notice.message].compactMap(\.self)
            }
        }
        return (messages, updated)
    }
}

extension Message.Kind {
    /// The order in which messages about one job are told.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
