// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

@testable import CanaryModel

@Suite("ProjectGraph") struct ProjectGraphTests {
    private func graph(_ edges: [(String, [String])]) throws -> ProjectGraph {
        try ProjectGraph(
            edges.map { name, upstreams in
                Project(
                    name: name, location: .folder("."), upstreams: upstreams.map { Upstream(project: $0) }, builds: [:])
            })
    }

    private let family: [(String, [String])] = [
        ("openusd", ["openimageio", "openvdb"]), ("openimageio", ["openexr", "imath", "fmt"]), ("openexr", ["imath"]),
        ("openvdb", ["imath"]), ("fmt", []), ("imath", []), ("osl", ["openimageio"]),
    ]

    @Test func `projects follow their upstreams, ties are sorted by name`() throws {
        let graph = try graph(family)
        let order = ["fmt", "imath", "openexr", "openvdb", "openimageio", "openusd", "osl"]
        #expect(graph.projects.map(\.name) == order)
        #expect(
            graph.levels == [
                "fmt": 0, "imath": 0, "openexr": 1, "openvdb": 1, "openimageio": 2, "openusd": 3, "osl": 3,
            ])
        #expect(try self.graph(family.reversed()).projects.map(\.name) == order)
    }

    @Test func `downstreams and upstreams are listed once, in building order, without the project itself`() throws {
        let graph = try graph(family)
        #expect(graph.downstream(of: "imath").map(\.name) == ["openexr", "openvdb", "openimageio", "openusd", "osl"])
        #expect(graph.upstream(of: "openusd").map(\.name) == ["fmt", "imath", "openexr", "openvdb", "openimageio"])
        #expect(graph.downstream(of: "osl").isEmpty)
        #expect(graph.upstream(of: "fmt").isEmpty)
        #expect(graph.upstream(of: "nobody").isEmpty)
        #expect(graph["openvdb"]?.name == "openvdb")
        #expect(graph["nobody"] == nil)
    }

    @Test func `a cycle reports its path`() {
        #expect(throws: ProjectGraph.Cycle(path: ["b", "d", "c"])) {
            try graph([("a", ["b"]), ("b", ["d"]), ("c", ["b"]), ("d", ["c"]), ("e", [])])
        }
        #expect(throws: ProjectGraph.Cycle(path: ["a"])) { try graph([("a", ["a"])]) }
    }

    @Test func `an edge to an unknown project is ignored`() throws {
        let graph = try graph([("a", ["elsewhere"]), ("b", ["a"])])
        #expect(graph.levels == ["a": 0, "b": 1])
        #expect(graph.upstream(of: "b").map(\.name) == ["a"])
    }

    @Test func `a thousand projects are ordered quickly, even in one long chain`() throws {
        let names = (0..<1000).map { "p\($0)" }
        let chain = try graph(names.indices.map { (names[$0], $0 > 0 ? [names[$0 - 1]] : []) })
        #expect(chain.projects.map(\.name) == names)
        #expect(chain.downstream(of: "p0").count == 999)
        var random = SplitMix64(seed: 7)
        let edges = names.indices.map { index in
            (names[index], index < 10 ? [] : (0..<4).map { _ in names[Int.random(in: 0..<index, using: &random)] })
        }
        let clock = ContinuousClock()
        let time = try clock.measure { _ = try graph(edges) }
        #expect(time < .seconds(2))
    }
}
