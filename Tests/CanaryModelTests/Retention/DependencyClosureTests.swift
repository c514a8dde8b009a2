// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Testing

@Suite("DependencyClosure") struct DependencyClosureTests {
    private func facts(
        _ key: String, _ project: String, source: String, on upstreams: [String: String] = [:], tree: String?,
        environment: String = "env"
    ) -> BuildFacts {
        BuildFacts(
            key: key, project: project, source: source, environment: environment, upstreams: upstreams, tree: tree)
    }

    private func used(_ key: String, _ project: String, upstreams: [String: String]) -> JobBuild {
        let source = { (tree: String) in Source(revision: "r", tree: tree, committedAt: .distantPast) }
        return JobBuild(
            run: "r1", at: .distantPast, key: key, source: source("s"), upstreams: upstreams.mapValues(source),
            recipe: "recipe", environment: "env", result: .passed)
    }

    @Test func `a build needs its own prefix and the ones it was recorded on`() {
        let closure = DependencyClosure([
            facts("i1", "imath", source: "i", tree: "I"),
            facts("e1", "exr", source: "e", on: ["imath": "i1"], tree: "E"),
        ])
        #expect(closure.keys(of: used("e1", "exr", upstreams: ["imath": "i"])) == ["e1", "i1"])
        #expect(closure.keys(of: used("new", "exr", upstreams: ["imath": "i"])) == ["new"])
    }

    @Test func `it also needs another build of an upstream that installed the same, if the vector names its source`() {
        let closure = DependencyClosure([
            facts("i1", "imath", source: "i", tree: "I"), facts("i2", "imath", source: "later", tree: "I"),
            facts("i3", "imath", source: "other", tree: "I"),
            facts("e1", "exr", source: "e", on: ["imath": "i1"], tree: "E"),
        ])
        #expect(closure.keys(of: used("e1", "exr", upstreams: ["imath": "later"])) == ["e1", "i1", "i2"])
    }

    @Test func `it needs no builds on other upstreams, in other environments, or with different installed trees`() {
        let closure = DependencyClosure([
            facts("i1", "imath", source: "i", tree: "I"), facts("i9", "imath", source: "new", tree: "J"),
            facts("e1", "exr", source: "e", on: ["imath": "i1"], tree: "E"),
            facts("e9", "exr", source: "e", on: ["imath": "i9"], tree: "E"),
            facts("e8", "exr", source: "e", on: ["imath": "i1"], tree: "E", environment: "other"),
            facts("e7", "exr", source: "e", on: ["imath": "i1"], tree: "F"),
            facts("e6", "exr", source: "e", on: ["imath": "i1"], tree: nil),
            facts("o1", "oiio", source: "o", on: ["imath": "i1", "exr": "e1"], tree: "O"),
        ])
        let keys = closure.keys(of: used("o1", "oiio", upstreams: ["imath": "i", "exr": "e"]))
        #expect(keys == ["o1", "e1", "i1"])
    }
}
