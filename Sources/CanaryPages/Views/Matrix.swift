// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel

/// The header of a variant, above its lanes.
struct Column: Sendable {
    let name: String
    let span: Int
}

/// The header of one column of the matrix.
struct LaneHeader: Sendable {
    let lane: String
    /// Whether it is the first of its variant.
    let isFirst: Bool
}

/// The jobs of a project.
struct MatrixRow: Sendable {
    let name: String
    let title: String?
    /// Whether all its jobs pass: the filter hides such rows.
    let isFine: Bool
    /// A cell for each lane of each variant, as HTML.
    let cells: String

    static func all(
        _ states: [JobID: JobState], _ context: PageContext, _ facts: IndexFacts, links: Links
    ) -> [MatrixRow] {
        context.stack.graph.projects.map { project in
            let cells = context.stack.variants.flatMap { variant in
                variant.lanes.enumerated().map { index, lane in
                    let job = JobID(project: project.name, variant: variant.name, lane: lane)
                    return MatrixCell(
                        job: job, state: states[job], ends: facts.recentResults[job]?.ends ?? [], href: links.job(job),
                        isFirst: index == 0)
                }
            }
            let isFine = cells.allSatisfy { $0.state == nil || $0.state?.shape == .passing }
            return MatrixRow(
                name: project.name,
                title: project.title == project.name ? nil : HTMLText.clipped(project.title, to: 60),
                isFine: isFine, cells: cells.map(\.html).joined())
        }
    }
}

/// A job in the matrix; without a state if the project has no job there.
struct MatrixCell: Sendable {
    let job: JobID
    let state: JobState?
    let ends: [JobStrip.End]
    let href: String
    let isFirst: Bool

    /// The cell, made here and not by a template, because there may be thousands on a page.
    var html: String {
        let start = isFirst ? "<td class=\"v\">" : "<td>"
        guard let state else { return start + "<span class=\"none\">no job</span></td>" }
        let (word, labels) = (HTMLText.html(state.word), HTMLText.html(state.labels.joined(separator: ", ")))
        return """
            \(start)<a class="\(state.shape.rawValue)" href="\(HTMLText.html(href))" \
            aria-label="\(word): \(HTMLText.html(job.description))">\(state.shape.icon)\(word)</a>\
            \(labels.isEmpty ? "" : "<small>\(labels)</small>")\(resultHistory)</td>
            """
    }

    private var resultHistory: String {
        ResultHistory.svg(ends.prefix(ResultHistory.length).reversed().map { ResultMark($0.result, flaky: $0.flaky) })
    }
}
