// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// The words of a notice, the same in every rendering.
struct NoticeWording {
    /// One fact.
    struct Line {
        let label: String
        let value: String
    }

    let notice: Notice
    /// How names and text from outside are written: shortened and made harmless.
    let quote: (_ text: String, _ limit: Int) -> String
    /// How an address is written.
    let link: (_ address: String) -> String
    /// How many digits of a revision are shown.
    let digits: Int

    /// One sentence that says what broke what, beginning with the upstream or the commit.
    var headline: String {
        let what = jobs(notice.jobs, limit: 3)
        let (are, have) = notice.jobs.count == 1 ? ("is", "has") : ("are", "have")
        switch notice.kind {
        case .page: return suspect.map { "\($0) broke \(what)" } ?? "\(what) \(are) broken"
        case .updated: return "update: " + (suspect.map { "\($0) broke \(what)" } ?? "\(what) \(are) broken")
        case .suspected: return "\(what) failed, and may be broken" + because
        case .changed:
            return "\(what) \(are) broken, and now \(are == "is" ? "fails" : "fail") with a different error" + because
        case .healed: return "\(what) passes again\(lasting); no fix was identified" + because
        case .recovered: return "\(what) \(have) recovered\(lasting)" + because
        case .flaky: return "\(what) failed and then passed on the same inputs"
        case .environment:
            return "the environment is at fault, not a change: the last known good of \(what) no longer builds"
        case .unexpectedPass: return "\(what) passes, although a failure is expected"
        case .stale: return "no finished run of \(what) for two schedule periods"
        }
    }

    /// The other facts, the most useful first.
    var lines: [Line] {
        let isRed = !Self.closing.contains(notice.kind)
        var lines: [Line?] = [commit, since, all("jobs", notice.jobs)]
        if isRed { lines.append(error) }
        if notice.kind != .stale && notice.kind != .flaky { lines += changes }
        lines += [revisions("good", notice.lastKnownGood), isRed ? revisions("bad", notice.firstKnownBad) : nil]
        lines += [image, notice.issue.map { Line(label: "issue", value: quote($0, 200)) }]
        lines.append(notice.held.isEmpty ? nil : Line(label: "held inside", value: jobs(notice.held, limit: 5)))
        if isRed { lines += [reproduce, mute] }
        lines += [
            notice.episode.map { Line(label: "episode", value: quote($0, 60)) },
            notice.page.map { Line(label: "page", value: link($0)) },
        ]
        return lines.compactMap(\.self)
    }

    private static let closing: Set<Notice.Kind> = [.healed, .recovered, .unexpectedPass, .stale]
    private static let shownProjects = 6

    /// The jobs, the first few by name.
    func jobs(_ jobs: [JobID], limit: Int) -> String {
        let named = jobs.prefix(limit).map { quote($0.description, 120) }.joined(separator: ", ")
        return jobs.count > limit ? "\(named) and \(jobs.count - limit) more" : named
    }

    /// What broke it, as briefly as possible.
    private var suspect: String? {
        if let culprit = notice.culprit {
            return "\(quote(culprit.commit.project, 80)) \(quote(culprit.commit.revision.shortRevision, 64))"
        }
        return notice.upstream.map { quote($0, 80) }
    }

    private var because: String { suspect.map { "; \($0) changed" } ?? "" }

    private var lasting: String { notice.since.map { " after \(notice.at.timeIntervalSince($0).durationText)" } ?? "" }

    private var commit: Line? {
        guard let culprit = notice.culprit else { return nil }
        var parts = [quote(shown(culprit.commit.revision), 64)]
        if let subject = culprit.commit.subject { parts.append(quote(subject, 100)) }
        if let author = culprit.commit.author { parts.append("by \(quote(author, 60))") }
        var value = parts.joined(separator: " ")
        if let confidence = culprit.confidence {
            // Rounded down: 99.97 % is not certain.
            value += ", \(Int((min(max(confidence, 0), 1) * 100).rounded(.down))) % sure"
        }
        value += culprit.isConfirmed ? ", confirmed" : ""
        return Line(label: "commit", value: value + (culprit.link.map { " \(link($0))" } ?? ""))
    }

    private var since: Line? {
        notice.since.map {
            Line(label: "since", value: "\($0.minuteText), \(notice.at.timeIntervalSince($0).durationText)")
        }
    }

    private func all(_ label: String, _ list: [JobID]) -> Line? {
        list.count > 3 ? Line(label: label, value: jobs(list, limit: 8)) : nil
    }

    private var error: Line? {
        guard let error = notice.firstError else { return nil }
        let position = error.file.map { file in error.line.map { "\(file):\($0)" } ?? file }
        let text = quote(error.text, 300)
        return Line(label: "first error", value: position.map { "\(quote($0, 160)): \(text)" } ?? text)
    }

    private var changes: [Line] {
        let shown = notice.ranges.prefix(Self.shownProjects).map { range in
            let (from, to) = (range.from?.shortRevision ?? "nothing", range.to?.shortRevision ?? "nothing")
            let address = range.link.map { " \(link($0))" } ?? ""
            return Line(label: "changed", value: "\(quote(range.project, 80)) \(quote("\(from)..\(to)", 64))" + address)
        }
        let left = notice.ranges.count - shown.count
        return shown + (left > 0 ? [Line(label: "changed", value: "and \(left) more")] : [])
    }

    private func revisions(_ label: String, _ vector: RevisionVector?) -> Line? {
        guard let vector else { return nil }
        let changed = notice.ranges.map(\.project)
        let rank = { (project: String) in
            project == notice.job.project ? -1 : changed.firstIndex(of: project) ?? changed.count
        }
        let projects = vector.revisions.keys.sorted { (rank($0), $0) < (rank($1), $1) }
        var shown = projects.prefix(Self.shownProjects).map { project in
            "\(quote(project, 80)) \(quote(self.shown(vector.revisions[project] ?? ""), 64))"
        }
        if projects.count > shown.count { shown.append("and \(projects.count - shown.count) more") }
        return Line(label: label, value: "\(vector.at.minuteText): " + shown.joined(separator: ", "))
    }

    private var image: Line? {
        guard let image = notice.image else { return nil }
        return Line(label: "image", value: "\(quote(image.name, 80)) \(quote(image.digest, 80))")
    }

    private var reproduce: Line? {
        notice.reproduceCommand.map { Line(label: "reproduce", value: quote($0, 80)) }
    }

    private var mute: Line { Line(label: "mute", value: quote(notice.muteCommand, 160)) }

    private func shown(_ revision: String) -> String { String(revision.prefix(digits)) }
}
