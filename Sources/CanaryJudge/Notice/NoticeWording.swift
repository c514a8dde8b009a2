// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// The words of a notice, the same in every rendering.
struct NoticeWording {
    /// One line of what is known.
    struct Line {
        let label: String
        let value: String
    }

    let notice: Notice
    /// How text from outside and names are written: cut to a size and harmless.
    let quote: (_ text: String, _ limit: Int) -> String
    /// How an address is written.
    let link: (_ address: String) -> String
    /// How many digits of a revision are shown.
    let digits: Int

    /// One sentence: who broke what, the upstream or the commit first.
    var headline: String {
        let what = jobs(notice.jobs, limit: 3)
        let (are, have) = notice.jobs.count == 1 ? ("is", "has") : ("are", "have")
        switch notice.kind {
        case .page: return suspect.map { "\($0) broke \(what)" } ?? "\(what) \(are) broken"
        case .updated: return "update: " + (suspect.map { "\($0) broke \(what)" } ?? "\(what) \(are) broken")
        case .suspected: return "\(what) failed, and may be broken" + because
        case .changed: return "\(what) \(are) broken, and now \(are == "is" ? "fails" : "fail") otherwise" + because
        case .healed: return "\(what) passes again, healed by itself\(lasting)" + because
        case .recovered: return "\(what) \(have) recovered\(lasting)" + because
        case .flaky: return "\(what) failed and then passed on the same inputs"
        case .environment:
            return "the environment fails, not a change: the last known good of \(what) does not build any more"
        case .unexpectedPass: return "\(what) passes, though a failure is expected"
        case .stale: return "nothing is known of \(what) any more: no run finished"
        }
    }

    /// All else that is known, most wanted first.
    var lines: [Line] {
        let isRed = !Self.closing.contains(notice.kind)
        var lines: [Line?] = [commit, since, all("jobs", notice.jobs)]
        if isRed { lines.append(error) }
        if notice.kind != .stale && notice.kind != .flaky { lines += moved }
        lines += [point("good", notice.lastKnownGood), isRed ? point("bad", notice.firstKnownBad) : nil]
        lines += [image, notice.issue.map { Line(label: "issue", value: quote($0, 200)) }]
        lines.append(notice.held.isEmpty ? nil : Line(label: "waiting inside", value: jobs(notice.held, limit: 5)))
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

    /// What broke it, in the fewest words.
    private var suspect: String? {
        if let culprit = notice.culprit {
            return "\(quote(culprit.project, 80)) \(quote(culprit.revision.shortRevision, 64))"
        }
        return notice.upstream.map { quote($0, 80) }
    }

    private var because: String { suspect.map { "; \($0) moved" } ?? "" }

    private var lasting: String { notice.since.map { " after \(notice.at.timeIntervalSince($0).durationText)" } ?? "" }

    private var commit: Line? {
        guard let culprit = notice.culprit else { return nil }
        var parts = [quote(shown(culprit.revision), 64)]
        if let subject = culprit.subject { parts.append(quote(subject, 100)) }
        if let author = culprit.author { parts.append("by \(quote(author, 60))") }
        var value = parts.joined(separator: " ")
        if let confidence = culprit.confidence {
            // 99.97 % is not certainty.
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
        let place = error.file.map { file in error.line.map { "\(file):\($0)" } ?? file }
        let text = quote(error.text, 300)
        return Line(label: "first error", value: place.map { "\(quote($0, 160)): \(text)" } ?? text)
    }

    private var moved: [Line] {
        let shown = notice.ranges.prefix(Self.shownProjects).map { range in
            let (from, to) = (range.from?.shortRevision ?? "nothing", range.to?.shortRevision ?? "nothing")
            let address = range.link.map { " \(link($0))" } ?? ""
            return Line(label: "moved", value: "\(quote(range.project, 80)) \(quote("\(from)..\(to)", 64))" + address)
        }
        let left = notice.ranges.count - shown.count
        return shown + (left > 0 ? [Line(label: "moved", value: "and \(left) more")] : [])
    }

    private func point(_ label: String, _ point: Notice.Point?) -> Line? {
        guard let point else { return nil }
        let moved = notice.ranges.map(\.project)
        let rank = { (project: String) in
            project == notice.job.project ? -1 : moved.firstIndex(of: project) ?? moved.count
        }
        let projects = point.revisions.keys.sorted { (rank($0), $0) < (rank($1), $1) }
        var shown = projects.prefix(Self.shownProjects).map { project in
            "\(quote(project, 80)) \(quote(self.shown(point.revisions[project] ?? ""), 64))"
        }
        if projects.count > shown.count { shown.append("and \(projects.count - shown.count) more") }
        return Line(label: label, value: "\(point.at.minuteText): " + shown.joined(separator: ", "))
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
