// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// The result of a search as text.
struct SearchReport {
    let story: SearchStory
    /// A command that checks the culprit by hand.
    var check: ((Suspect) -> String)?
    /// More lines about the culprit.
    var evidence: [String] = []
    /// More lines, whatever was found.
    var notes: [String] = []

    /// A report of a search with a command.
    init(story: SearchStory) { self.story = story }

    /// A report of a search with builds.
    ///
    /// - Parameter options: options of the command that checks the culprit, as they are typed.
    init(story: SearchStory, _ facts: CulpritFacts, options: String) {
        self.story = story
        if let test = story.chain[0].settings.test { evidence.append("  test        \(test)") }
        if let found = story.chain[0].settings.evidence {
            evidence.append(
                "  evidence    `\(found.project)` no longer installs the \(found.kind) `\(found.name)`; found in "
                    + "\(found.builds.counting("build")) of `\(found.project)` alone")
        }
        if let error = facts.firstError { evidence.append("  error       \(error.spoken)") }
        evidence += facts.surface.map(Self.lines) ?? []
        check = story.chain[0].start.job.map { job in
            { _ in
                let (record, search) = story.last
                let number = search.verdict?.suspects.first?.number ?? 0
                let revisions = record.start.subject.projects(at: ProbePoint(prefix: number))
                let pins = revisions.sorted { $0.key < $1.key }.map { "--at \($0.key)=\($0.value)" }
                return "canary run \(job.project) --variant \(job.variant) --lane \(job.lane.rawValue) "
                    + (pins + [options]).joined(separator: " ")
            }
        }
    }

    /// How many removed, added or changed things are listed.
    private static let most = 8

    private static func lines(_ change: SurfaceChange) -> [String] {
        guard !change.isEmpty else { return ["  installs    the same files as its parent"] }
        let groups = [("removed", change.went), ("added", change.came), ("changed", change.changed)]
        return groups.filter { !$0.1.isEmpty }.map { title, entries in
            let named = entries.prefix(most).map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: ", ")
            let rest = entries.count > most ? " and \(entries.count - most) more" : ""
            return "  " + title.padding(toLength: 12, withPad: " ", startingAt: 0) + named + rest
        }
    }

    var text: String { (finding + notes + [spent]).joined(separator: "\n") }

    private var finding: [String] {
        guard let verdict = story.verdict else { return ["search \(story.chain[0].start.id) is open"] + list }
        switch verdict.kind {
        case .culprit: return culprit
        case .set: return ["one of these commits; nothing distinguishes them:"] + list
        case .flake:
            return [
                "no culprit: nothing is broken; the failure was a flake",
                "  the bad revision passes; check the revision and the command",
            ]
        case .environment:
            return [
                "no culprit: the good commit fails too, so the environment is at fault",
                "  or the good revision is not good: run the command there by hand",
            ]
        case .unresolved: return ["unresolved: the budget is spent; the most suspect commits are"] + list
        case .notMonotone:
            if let found = story.badBase {
                return [
                    "no culprit: the merge base is bad, good is fixed on its branch",
                    "  merge base  \(found.base) fails", "  good        \(found.good) passes",
                    "  the failure is older than the branch: choose a good commit before the merge base",
                ]
            }
            let edges = verdict.edges.map { "between \($0.before) and \($0.after)" }
            return ["no single culprit: good and bad alternate, \(edges.joined(separator: " and "))"]
        case .nothingMoved: return ["nothing changed: there is no commit to blame"]
        }
    }

    private var culprit: [String] {
        guard let suspect = story.culprit else { return [] }
        let commit = suspect.commit
        var lines = [
            "culprit: \(commit.project) \(commit.revision)",
            "  \(commit.subject ?? "")",
            "  author      \(commit.author ?? ""), committed \(commit.committedAt?.rfc3339 ?? "")",
            "  parent      \(story.parent(of: suspect))",
            "  confidence  \(suspect.probability.percentText)",
        ]
        if let number = commit.pullRequest {
            lines.append(
                "  request     #\(number)" + (commit.isSquash ? ", squashed into this one commit" : ""))
        }
        for merge in story.merges where merge.revision != commit.revision {
            lines.append("  merged by   \(merge.revision.shortRevision) \(merge.subject ?? "")")
        }
        if let pair = story.pair {
            let other = pair.first.commit
            lines.append("  only with   \(other.project) \(other.revision) \(other.subject ?? "")")
        }
        lines += neededCommit + evidence
        if let check { lines.append("  check       \(check(suspect))") }
        return lines
    }

    private var neededCommit: [String] {
        guard case .needs(let number)? = story.verdict?.isolation else { return [] }
        let other = story.last.record.start.subject.commits[number - 1]
        return ["  needs       a commit before \(other.committedAt?.rfc3339 ?? ""): it does not build without it"]
    }

    private var list: [String] {
        story.suspects.map { suspect in
            let commit = suspect.commit
            return "  \(suspect.probability.percentText.leftPadded(to: 7)) \(commit.project) "
                + "\(commit.revision.shortRevision) \(commit.subject ?? "")"
        }
    }

    private var spent: String {
        let builds = story.builds.counting("probe")
        let confirmed =
            story.verdict?.kind != .culprit
            ? "" : story.isConfirmed ? ", confirmed" : ", not confirmed (`--confirm` does that)"
        return "\(builds)\(confirmed); search \(story.chain[0].start.id)"
    }
}
