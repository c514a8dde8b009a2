// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// The open groups, and the rules by which each cause is reported once: grouping and inhibition across all jobs.
package struct NoticeBoard: Hashable, Codable, Sendable {
    private static let environmentPause: TimeInterval = 24 * 3600

    /// What one run says about one job.
    struct Step {
        let job: JobID
        let news: [JobJudgeState.News]
        /// Whether it failed: only a failure opens a group.
        let failed: Bool
        /// When the episode that it closed began.
        let since: Date?
    }

    private struct EnvironmentNotice: Hashable, Codable {
        let number: Int
        let at: Date
        var jobs: Set<JobID>

        var event: NoticeEvent? {
            jobs.min().map {
                NoticeEvent(kind: .environment, job: $0, jobs: Array(jobs), number: number, since: at)
            }
        }
    }

    /// The open groups, oldest first.
    package private(set) var groups: [NoticeGroup] = []
    /// The last environment notice of each variant.
    private var environmentNotices: [String: EnvironmentNotice] = [:]
    private var lastNumber = 0

    private enum CodingKeys: String, CodingKey {
        case groups = "notices"
        case environmentNotices, lastNumber
    }

    /// Creates a board without groups.
    package init() {}

    /// The open group that reports `job`; nil if there is none.
    package func group(of job: JobID) -> NoticeGroup? { groups.first { $0.holds(job) } }

    /// Applies what one run says.
    ///
    /// - Parameter states: the state of every job after that run.
    mutating func settle(
        _ unordered: [Step], at date: Date, states: [JobID: JobJudgeState]
    ) -> (events: [NoticeEvent], updated: [NoticeEvent]) {
        let steps = unordered.sorted { $0.job < $1.job }
        let (before, newest) = (groups, lastNumber)
        var events = steps.flatMap { step in step.news.compactMap { Self.line($0, step, states[step.job]) } }
        events += close(steps)
        var unreported = steps.filter { step in
            step.failed && states[step.job]?.verdict == .broken && group(of: step.job) == nil
        }.map(\.job)
        while let job = Self.foremost(of: unreported, states) {
            unreported.removeAll { $0 == job }
            assign(job, at: date, states: states)
        }
        let (operators, known) = notifyOperators(steps, at: date)
        events += operators + groups.filter { $0.number > newest }.compactMap { $0.page }
        let updated = groups.filter { group in
            before.contains { $0.number == group.number && !Set(group.jobs.keys).isSubset(of: $0.jobs.keys) }
        }
        return (
            events.sorted { ($0.job, $0.kind.rank) < ($1.job, $1.kind.rank) },
            updated.compactMap { $0.page } + known
        )
    }

    /// Records the commit that is proven to have broken `job`.
    ///
    /// - Returns: an update of the notice that did not name it yet; a page if that names another commit.
    mutating func found(
        _ culprit: Commit, of job: JobID, at date: Date, states: [JobID: JobJudgeState]
    ) -> [NoticeEvent] {
        guard let index = groups.firstIndex(where: { $0.jobs[job] == .red }) else { return [] }
        guard let known = groups[index].culprit else {
            groups[index].culprit = culprit
            guard var update = groups[index].page else { return [] }
            update.kind = .updated
            return [update]
        }
        guard known != culprit else { return [] }
        groups[index].jobs[job] = nil
        if groups[index].isOver { groups.remove(at: index) }
        let count = groups.count
        assign(job, at: date, states: states)
        return groups.dropFirst(count).compactMap { $0.page }
    }

    // MARK: - Digest lines

    private static func line(_ news: JobJudgeState.News, _ step: Step, _ state: JobJudgeState?) -> NoticeEvent? {
        let kind: Notice.Kind
        switch news {
        case .flaky: kind = .flaky
        case .suspected: kind = .suspected
        case .healed: kind = .healed
        case .changed: kind = .changed
        case .unexpectedPass: kind = .unexpectedPass
        case .broken, .recovered, .controlFailed: return nil
        }
        let upstream = state?.episode?.changes(of: step.job)?.upstream
        return NoticeEvent(
            kind: kind, job: step.job, upstream: upstream == step.job.project ? nil : upstream,
            culprit: state?.episode?.culprit, since: step.since ?? state?.episode?.openedAt,
            isWeekly: kind == .flaky && state?.flakes.isFlapping == true)
    }

    // MARK: - Recoveries

    private mutating func close(_ steps: [Step]) -> [NoticeEvent] {
        // The group that held the job may be closed already: then the job reports its own recovery.
        let alone = steps.filter { $0.news.contains(.recovered) && group(of: $0.job) == nil }.map {
            NoticeEvent(kind: .recovered, job: $0.job, since: $0.since)
        }
        for step in steps {
            for index in groups.indices where groups[index].holds(step.job) {
                if step.news.contains(.recovered) { groups[index].jobs[step.job] = .recovered }
                // A suspected job in the group was never broken.
                if step.news.contains(.healed) { groups[index].jobs[step.job] = nil }
            }
        }
        let over = groups.filter(\.isOver)
        groups.removeAll(where: \.isOver)
        return alone
            + over.compactMap { group in
                group.event(.recovered, of: group.jobs.filter { $0.value == .recovered }.keys)
            }
    }

    // MARK: - Pages

    /// The first of `jobs` none of whose upstreams are among them: upstreams come before their downstreams.
    private static func foremost(of jobs: [JobID], _ states: [JobID: JobJudgeState]) -> JobID? {
        jobs.first { job in
            upstreamJobs(of: job, states[job]).allSatisfy { !jobs.contains($0) }
        } ?? jobs.first
    }

    /// The jobs that build the upstreams of `job` at the revisions that it uses: only lane `head` uses branch heads.
    private static func upstreamJobs(of job: JobID, _ state: JobJudgeState?) -> [JobID] {
        guard job.lane == .head, let upstreams = state?.episode?.bad.upstreams else { return [] }
        return upstreams.keys.sorted().filter { $0 != job.project }.map {
            JobID(project: $0, variant: job.variant, lane: .head)
        }
    }

    private mutating func assign(_ job: JobID, at date: Date, states: [JobID: JobJudgeState]) {
        guard let episode = states[job]?.episode, group(of: job) == nil else { return }
        if let index = holder(of: job, states) {
            groups[index].jobs[job] = .held
            return
        }
        for index in groups.indices {
            if groups[index].admit(job, episode) { return }
        }
        lastNumber += 1
        var group = NoticeGroup(
            number: lastNumber, lead: job, openedAt: date, since: episode.openedAt, changes: episode.changes(of: job),
            culprit: episode.culprit, jobs: [job: .red])
        gather(into: &group, states)
        groups.append(group)
    }

    /// The index of the group that holds the broken job of an upstream of `job`.
    private func holder(of job: JobID, _ states: [JobID: JobJudgeState]) -> Int? {
        for upstream in Self.upstreamJobs(of: job, states[job]) where states[upstream]?.verdict == .broken {
            if let index = groups.firstIndex(where: { $0.holds(upstream) }) { return index }
        }
        return nil
    }

    /// Adds the other jobs that are red for the same reason.
    private func gather(into group: inout NoticeGroup, _ states: [JobID: JobJudgeState]) {
        let others = states.filter { job, state in
            state.episode?.good != nil && self.group(of: job) == nil && job != group.lead
                && holder(of: job, states) == nil
        }.compactMap { job, state in state.episode.map { (job: job, episode: $0) } }.sorted { $0.job < $1.job }
        let cause = group.culprit == nil ? Self.mostShared(of: group.changes, others) : nil
        for (job, episode) in others {
            let isOther = cause.map { episode.changes(of: job)?.changes.contains($0) != true } ?? false
            if !isOther { _ = group.admit(job, episode) }
        }
    }

    /// The change that most of `others` share; while the culprit is not known, a group is about that change.
    private static func mostShared(
        of changes: ChangeSet?, _ others: [(job: JobID, episode: OpenEpisode)]
    ) -> ChangeSet.Change? {
        let shared = others.compactMap { job, episode in
            changes.flatMap { changes in episode.changes(of: job).flatMap(changes.shared) }
        }
        let counts = Dictionary(shared.flatMap(\.changes).map { ($0, 1) }, uniquingKeysWith: +)
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    // MARK: - Operators

    /// One notice per variant, again after 24 h at the earliest; until then jobs only join it.
    private mutating func notifyOperators(
        _ steps: [Step], at date: Date
    ) -> (events: [NoticeEvent], updated: [NoticeEvent]) {
        var (events, updated): ([NoticeEvent], [NoticeEvent]) = ([], [])
        let failing = Dictionary(
            grouping: steps.filter { $0.news.contains(.controlFailed) }.map(\.job), by: \.variant)
        for (variant, jobs) in failing.sorted(by: { $0.key < $1.key }) {
            if var last = environmentNotices[variant], abs(date.timeIntervalSince(last.at)) < Self.environmentPause {
                if Set(jobs).isSubset(of: last.jobs) { continue }
                last.jobs.formUnion(jobs)
                environmentNotices[variant] = last
                updated += [last.event].compactMap(\.self)
            } else {
                lastNumber += 1
                let notice = EnvironmentNotice(number: lastNumber, at: date, jobs: Set(jobs))
                environmentNotices[variant] = notice
                events += [notice.event].compactMap(\.self)
            }
        }
        return (events, updated)
    }
}

extension Notice.Kind {
    /// The order of events about one job.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
