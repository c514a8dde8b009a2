// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPublishing
import Foundation

/// What a search found, for people.
struct SearchReport {
    let story: SearchStory
    /// One command with which the culprit can be checked by hand.
    var check: ((SearchStory.Suspect) -> String)?
    /// More lines about the culprit.
    var evidence: [String] = []

    var text: String { (finding + [spent]).joined(separator: "\n") }

    private var finding: [String] {
        guard let verdict = story.verdict else { return ["search \(story.chain[0].start.id) is open"] + list }
        switch verdict.kind {
        case .culprit: return culprit
        case .set: return ["one of these commits, which nothing tells apart:"] + list
        case .flake: return ["no culprit: nothing is broken, the failure was an accident"]
        case .environment: return ["no culprit: the good commit fails too, so it is the environment"]
        case .unresolved: return ["unresolved: the budget is spent; most suspect are"] + list
        case .notMonotone:
            let edges = verdict.edges.map { "between \($0.before) and \($0.behind)" }
            return ["no single culprit: good and bad alternate, \(edges.joined(separator: " and "))"]
        case .nothingMoved: return ["nothing moved: there is no commit to blame"]
        }
    }

    private var culprit: [String] {
        guard let suspect = story.culprit else { return [] }
        let commit = suspect.commit
        var lines = [
            "culprit: \(commit.project) \(commit.revision)",
            "  \(commit.subject)",
            "  author      \(commit.author), committed \(commit.committedAt.rfc3339)",
            "  parent      \(suspect.parent)",
            "  confidence  \(suspect.probability.percent)",
        ]
        if let number = commit.pullRequest {
            lines.append(
                "  request     #\(number)" + (commit.isSquash ? ", squashed: all of it is in this one commit" : ""))
        }
        for merge in story.merges where merge.revision != commit.revision {
            lines.append("  merged by   \(merge.revision.shortRevision) \(merge.subject)")
        }
        if let pair = story.pair {
            let other = pair.first.commit
            lines.append("  only with   \(other.project) \(other.revision) \(other.subject)")
        }
        lines += company + evidence
        if let check { lines.append("  check       \(check(suspect))") }
        return lines
    }

    private var company: [String] {
        guard case .inCompany(let number)? = story.verdict?.isolation else { return [] }
        let other = story.last.record.start.subject.commits[number - 1]
        return ["  in company  of something before \(other.committedAt.rfc3339): it does not build without"]
    }

    private var list: [String] {
        story.suspects.map { suspect in
            let commit = suspect.commit
            return "  \(suspect.probability.percent.leftPadded(to: 7)) \(commit.project) "
                + "\(commit.revision.shortRevision) \(commit.subject)"
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
