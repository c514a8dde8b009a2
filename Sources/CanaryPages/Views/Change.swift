// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// One thing that moved between the last known good and the first known bad of a job.
struct Change: Hashable, Sendable {
    /// The project, or `image`.
    let what: String
    let from: CommitLink
    let to: CommitLink
    /// The forge's comparison.
    let compare: String?

    /// All that moved between `good` and `bad`: the job's own commits first, then upstreams in graph order, the image
    /// last.
    static func all(of job: JobID, from good: JobBuild?, to bad: JobBuild?, in context: PageContext) -> [Change] {
        guard let good, let bad else { return [] }
        let before = good.upstreams.merging([job.project: good.source]) { $1 }
        let after = bad.upstreams.merging([job.project: bad.source]) { $1 }
        let order = context.stack.graph.projects.map(\.name)
        let names = [job.project] + order.filter { $0 != job.project }
        var changes = names.compactMap { name -> Change? in
            guard let old = before[name]?.revision, let new = after[name]?.revision, old != new else { return nil }
            let forge = context.forge(of: name)
            return Change(
                what: name, from: CommitLink(old, on: forge), to: CommitLink(new, on: forge),
                compare: forge.compare(old, new))
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

/// A suspect or a culprit as a page shows it.
struct SuspectLine: Sendable {
    /// The project, or what else may be to blame.
    let what: String
    var commit: CommitLink?
    var subject: String?
    var author: String?
    var committedAt: DisplayedTime?
    /// `99.3 %`; nil where it is proven.
    let probability: String?
}

extension SuspectLine {
    init(_ commit: Commit, probability: Double?, in context: PageContext) {
        self.init(
            what: commit.project, commit: context.commit(commit.revision, of: commit.project),
            subject: commit.subject.map { HTMLText.clipped($0, to: 140) },
            author: commit.author.map { HTMLText.clipped($0, to: 60) },
            committedAt: commit.committedAt.map(DisplayedTime.init), probability: probability.map(Format.percent))
    }
}

/// A first error as a page shows it.
struct ErrorNote: Hashable, Sendable {
    /// `src/a.cpp:12`.
    let place: String?
    let text: String

    init(_ error: FirstError, limit: Int = 300) {
        place = error.file.map { file in
            let place = error.line.map { "\(file):\($0)" } ?? file
            // A path's end says more than its beginning.
            return place.count > 100 ? "…\(place.suffix(100))" : place
        }
        text = HTMLText.clipped(error.text, to: limit)
    }
}
