// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// One thing that moved between the last known good and the first known bad of a job.
struct Change: Hashable, Sendable {
    /// The project, or `image`.
    let what: String
    let from: Commit
    let to: Commit
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
                what: name, from: Commit(old, on: forge), to: Commit(new, on: forge),
                compare: forge?.compare(old, new))
        }
        if good.environment != bad.environment {
            let (old, new) = (digits(of: good.environment), digits(of: bad.environment))
            changes.append(
                Change(what: "image", from: Commit(old, on: nil), to: Commit(new, on: nil), compare: nil))
        }
        return changes
    }

    private static func digits(of environment: String) -> String {
        String(environment.split(separator: ":").last ?? "")
    }
}

/// A culprit as a page names it.
struct Culprit: Sendable {
    let project: String
    let commit: Commit
    let subject: String?
    let author: String?
    /// `99.3 %`; nil where it is proven.
    let confidence: String?

    init(_ note: CulpritNote, in context: PageContext) {
        project = note.project
        commit = context.commit(note.revision, of: note.project)
        subject = note.subject.map { HTMLText.clipped($0, to: 140) }
        author = note.author.map { HTMLText.clipped($0, to: 60) }
        confidence = note.confidence.map(\.percentText)
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
