// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Mustache

/// A variant over its lanes.
struct Column: Sendable {
    let name: String
    let span: Int
}

/// The head of one column of the matrix.
struct LaneHead: Sendable {
    let lane: String
    /// Whether it is the first of its variant.
    let isFirst: Bool
}

/// A project's jobs.
struct MatrixRow: Sendable {
    let name: String
    let title: String?
    /// Whether all its jobs pass: what `only trouble` hides.
    let isFine: Bool
    let cells: [MatrixCell]

    static func all(
        _ states: [JobID: JobState], _ context: PageContext, _ facts: IndexFacts, links: Links
    ) -> [MatrixRow] {
        context.stack.graph.projects.map { project in
            let cells = context.stack.variants.flatMap { variant in
                variant.lanes.enumerated().map { index, lane in
                    let job = JobID(project: project.name, variant: variant.name, lane: lane)
                    return MatrixCell(
                        job: job, state: states[job], ends: facts.strips[job]?.ends ?? [], href: links.job(job),
                        isFirst: index == 0)
                }
            }
            let isFine = cells.allSatisfy { $0.shape == Shape.passing.rawValue || $0.shape == nil }
            return MatrixRow(
                name: project.name,
                title: project.title == project.name ? nil : SafeText.clipped(project.title, to: 60),
                isFine: isFine, cells: cells)
        }
    }
}

/// Looked up by name, as `MatrixCell`.
extension MatrixRow: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "title": title ?? false
        case "isFine": isFine
        case "cells": cells
        default: nil
        }
    }
}

/// One job in the matrix; without a shape where the project has no job there.
struct MatrixCell: Sendable {
    let job: String
    let shape: String?
    let icon: String
    let word: String
    let labels: String?
    let href: String
    let strip: String
    let isFirst: Bool

    init(job: JobID, state: JobState?, ends: [JobStrip.End], href: String, isFirst: Bool) {
        self.job = job.description
        self.href = href
        self.isFirst = isFirst
        shape = state?.shape.rawValue
        icon = state?.shape.icon ?? ""
        word = state?.word ?? ""
        labels = state.flatMap { $0.labels.isEmpty ? nil : $0.labels.joined(separator: ", ") }
        strip = Strip.svg(ends.prefix(Strip.length).reversed().map { StripMark($0.result, flaky: $0.flaky) })
    }
}

/// Looked up by name, not by reflection: there is one for each job.
extension MatrixCell: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "job": job
        // Not nil, which would be looked for further up.
        case "shape": shape ?? false
        case "icon": icon
        case "word": word
        case "labels": labels ?? false
        case "href": href
        case "strip": strip
        case "isFirst": isFirst
        default: nil
        }
    }
}
