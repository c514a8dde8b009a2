// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryHistory
@testable import CanaryPages

@Suite("Drawings") struct DrawingTests {
    @Test func `each kind of run has its own shape`() {
        let paths = ResultMark.allCases.map { $0.path(at: 0) }
        #expect(Set(paths).count == ResultMark.allCases.count)
        let svg = ResultHistory.svg([.passed, .failed, .lost, .passed])
        #expect(svg.contains("last 4 runs: 2 passed, 1 failed, 1 lost"))
        #expect(svg.contains("<path class=\"f\" d=\"M108 0h3v12h-3z\"/>"))
        #expect(svg.contains("<path class=\"z\" d=\"M0 11h103v1H0z\"/>"))
    }

    @Test func `only the newest thirty runs are shown`() {
        let svg = ResultHistory.svg([.failed] + Array(repeating: .passed, count: 30))
        #expect(svg.contains("last 30 runs: 30 passed"))
    }

    @Test func `the graph highlights what is downstream of a broken project and nothing else`() throws {
        let samples = Samples(try SampleStack.family())
        var facts = samples.facts
        facts.notes = [:]
        let broken = try #require(JobID("openexr@vfx2026/head"))
        facts.overview[broken] = facts.overview[try #require(JobID("openusd@vfx2026/head"))]
        let page = Page.index(IndexView(samples.context(), facts))
        for lit in ["osl", "openvdb", "openimageio", "openusd"] {
            #expect(page.firstMatch(of: try Regex("<a class=\"g [a-z]+ lit\" href=\"#p-\(lit)\"")) != nil)
        }
        for unlit in ["imath", "opencolorio", "materialx"] {
            #expect(page.firstMatch(of: try Regex("<a class=\"g [a-z]+\" href=\"#p-\(unlit)\"")) != nil)
        }
    }

    @Test func `the graph highlights the path from the project of the culprit to the broken one`() throws {
        let samples = Samples(try SampleStack.family())
        let page = Page.index(IndexView(samples.context(), samples.facts))
        #expect(page.contains("<a class=\"g passing lit source\" href=\"#p-openimageio\""))
        #expect(page.contains("<a class=\"g suspected lit\" href=\"#p-osl\""))
        #expect(page.contains("<a class=\"g broken lit\" href=\"#p-openusd\""))
        #expect(!page.contains("lit\" href=\"#p-openexr\""))
    }

    @Test func `no edge of the graph runs through a project`() throws {
        let layout = GraphLayout(try SampleStack.large(40).graph)
        for edge in layout.edges {
            for (left, right) in zip(edge.slots, edge.slots.dropFirst()) {
                let columns = [left, right].map { place in layout.columns.firstIndex { $0.contains(place) } ?? -1 }
                #expect(columns[1] == columns[0] + 1)
            }
        }
        #expect(layout.columns.joined().count == Set(layout.columns.joined()).count)
    }

    @Test func `a plot of durations needs two executions`() {
        #expect(DurationPlot.svg([.init(seconds: 3, mark: .passed)]) == nil)
        #expect(DurationPlot.svg([.init(seconds: .nan, mark: .passed), .init(seconds: -1, mark: .failed)]) == nil)
        let svg = DurationPlot.svg([.init(seconds: 0, mark: .passed), .init(seconds: 0, mark: .failed)])
        #expect(svg?.contains("2 executions") == true)
    }

    @Test func `a search over thousands of commits is drawn in a few hundred bars`() {
        let flat = [Double](repeating: 1.0 / 4098, count: 4098)
        let svg = PosteriorPlot.svg(flat, probes: []) ?? ""
        #expect((2...260).contains(svg.ranges(of: "<rect").count))
        #expect(PosteriorPlot.svg([0.5, 0.5], probes: []) == nil)
    }
}
