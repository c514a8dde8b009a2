// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Testing

@Suite("What a build stands on") struct FoundationsTests {
    private func facts(
        _ key: String, _ project: String, source: String, on upstreams: [String: String] = [:], tree: String?,
        environment: String = "env"
    ) -> BuildFacts {
        BuildFacts(
            key: key, project: project, source: source, environment: environment, upstreams: upstreams, tree: tree)
    }

    private func wanted(_ key: String, _ project: String, upstreams: [String: String]) -> JobBuild {
        let source = { (tree: String) in Source(revision: "r", tree: tree, committedAt: .distantPast) }
        return JobBuild(
            run: "r1", at: .distantPast, key: key, source: source("s"), upstreams: upstreams.mapValues(source),
            recipe: "recipe", environment: "env", result: .passed)
    }

    @Test func `its own prefix and those it was recorded on`() {
        let foundations = DependencyClosure([
            facts("i1", "imath", source: "i", tree: "I"),
            facts("e1", "exr", source: "e", on: ["imath": "i1"], tree: "E"),
        ])
        #expect(foundations.keys(of: wanted("e1", "exr", upstreams: ["imath": "i"])) == ["e1", "i1"])
        #expect(foundations.keys(of: wanted("new", "exr", upstreams: ["imath": "i"])) == ["new"])
    }

    @Test func `also another build of an upstream that installed the same, when the vector names its source`() {
        let foundations = DependencyClosure([
            facts("i1", "imath", source: "i", tree: "I"), facts("i2", "imath", source: "later", tree: "I"),
            facts("i3", "imath", source: "other", tree: "I"),
            facts("e1", "exr", source: "e", on: ["imath": "i1"], tree: "E"),
        ])
        #expect(foundations.keys(of: wanted("e1", "exr", upstreams: ["imath": "later"])) == ["e1", "i1", "i2"])
    }

    @Test func `not a build of the same source on other upstreams, in another place, or that installed otherwise`() {
        let foundations = DependencyClosure([
            facts("i1", "imath", source: "i", tree: "I"), facts("i9", "imath", source: "new", tree: "J"),
            facts("e1", "exr", source: "e", on: ["imath": "i1"], tree: "E"),
            facts("e9", "exr", source: "e", on: ["imath": "i9"], tree: "E"),
            facts("e8", "exr", source: "e", on: ["imath": "i1"], tree: "E", environment: "other"),
            facts("e7", "exr", source: "e", on: ["imath": "i1"], tree: "F"),
            facts("e6", "exr", source: "e", on: ["imath": "i1"], tree: nil),
            facts("o1", "oiio", source: "o", on: ["imath": "i1", "exr": "e1"], tree: "O"),
        ])
        let keys = foundations.keys(of: wanted("o1", "oiio", upstreams: ["imath": "i", "exr": "e"]))
        #expect(keys == ["o1", "e1", "i1"])
    }
}
