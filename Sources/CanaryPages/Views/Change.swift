// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// A difference between the last known good and the first known bad of a job.
struct Change: Hashable, Sendable {
    /// The project, or `image`.
    let what: String
    let from: CommitLink
    let to: CommitLink
    /// The forge's page that compares the two.
    let compare: String?

    /// All differences between `good` and `bad`: the project of the job first, then upstreams in graph order, then the
    /// image.
    static func all(of job: JobID, from good: JobBuild?, to bad: JobBuild?, in context: PageContext) -> [Change] {
        guard let good, let bad else { return [] }
        let before = RevisionVector(of: good, project: job.project).revisions
        let after = RevisionVector(of: bad, project: job.project).revisions
        let order = context.stack.graph.projects.map(\.name)
        let names = [job.project] + order.filter { $0 != job.project }
        var changes = names.compactMap { name -> Change? in
            guard let old = before[name], let new = after[name], old != new else { return nil }
            let forge = context.forge(of: name)
            return Change(
                what: name, from: CommitLink(old, on: forge), to: CommitLink(new, on: forge),
                compare: forge?.compare(old, new))
        }
        if good.environment != bad.environment {
            let (old, new) = (digits(of: good.environment), digits(of: bad.environment))
            changes.append(
                Change(what: "image", from: CommitLink(old, on: nil), to: CommitLink(new, on: nil), compare: nil))
        }
        return changes
    }

    private static func digits(of environment: String) -> String {
        String(environment.split(separator: ":").last ?? "")
    }
}

/// A suspect or a culprit, on a page.
struct SuspectLine: Sendable {
    /// The project, or what else may be to blame.
    let what: String
    var commit: CommitLink?
    var subject: String?
    var author: String?
    var committedAt: DisplayedTime?
    /// `99.3 %`; nil if it is proven.
    let probability: String?
}

extension SuspectLine {
    init(_ commit: Commit, probability: Double?, in context: PageContext) {
        self.init(
            what: commit.project, commit: context.commit(commit.revision, of: commit.project),
            subject: commit.subject.map { HTMLText.clipped($0, to: 140) },
            author: commit.author.map { HTMLText.clipped($0, to: 60) },
            committedAt: commit.committedAt.map(DisplayedTime.init), probability: probability.map(\.percentText))
    }
}

/// A first error, on a page.
struct ErrorNote: Hashable, Sendable {
    /// `src/a.cpp:12`.
    let location: String?
    let text: String

    init(_ error: FirstError, limit: Int = 300) {
        location = error.file.map { file in
            let location = error.line.map { "\(file):\($0)" } ?? file
            // The end of a path says more than its beginning.
            return location.count > 100 ? "…\(location.suffix(100))" : location
        }
        text = HTMLText.clipped(error.text, to: limit)
    }
}
