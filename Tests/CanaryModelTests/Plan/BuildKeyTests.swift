// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@testable import CanaryModel

@Suite("BuildKey") struct BuildKeyTests {
    private let recipe = ExpandedRecipe(
        recipe: Recipe(stages: [StageScript(stage: .build, run: "make")], network: false), hidden: "h",
        requirements: [ExpandedRecipe.Requirement(project: "imath", packages: ["Imath"], proof: ["P"], optional: false)]
    )

    private func key(
        project: String = "openexr", tree: String = "t", recipe: String = "r", environment: String = "e",
        closure: String = "c"
    ) -> String {
        BuildKey.key(project: project, tree: tree, recipe: recipe, environment: environment, closure: closure)
    }

    /// Whoever changes these raises `BuildKey.format`: all stored results are lost with them.
    @Test func `the format of keys has not changed`() {
        #expect(BuildKey.format == 1)
        #expect(key() == "65c1e754304e409d906ebad8489805cfeac7adc1cc1aead64b71c1add17ee7bd")
        #expect(BuildKey.closure(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(recipe.digest == "ff6ae80238d5075c109382f79d2b1e0486e940865db37cbf83ba10cee8192482")
        #expect(
            ExpandedRecipe.hidden(files: ["include/Imath"], upstreams: ["x"])
                == "63fd4e304a356a32b3221ad05093eda5a9681af52d962db740d1d990586cc7be")
    }

    @Test func `every field is part of the key`() {
        let keys = [
            key(), key(project: "x"), key(tree: "x"), key(recipe: "x"), key(environment: "x"), key(closure: "x"),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.count == 64 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
    }

    @Test func `the values of named variables are part of the key`() {
        func key(_ variables: [KeyVariable: String]) -> String {
            BuildKey.key(
                project: "p", tree: "t", recipe: "r", environment: "e", closure: "c", variables: variables)
        }
        let keys = [
            key([:]), key([.lane: "head"]), key([.lane: "release"]), key([.variant: "head"]),
            key([.lane: "head", .variant: "a"]), key([.revision: "head"]),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key([:]) == BuildKey.key(project: "p", tree: "t", recipe: "r", environment: "e", closure: "c"))
    }

    @Test func `fields cannot run together`() {
        #expect(key(project: "ab", tree: "c") != key(project: "a", tree: "bc"))
        #expect(key(project: "a", tree: "") != key(project: "", tree: "a"))
        var one = FieldHasher()
        var other = FieldHasher()
        one.add(list: ["a", "b"])
        one.add(list: [])
        other.add(list: ["a"])
        other.add(list: ["b"])
        #expect(one.finish() != other.finish())
    }

    @Test func `the order of upstreams does not matter, but each of their trees does`() {
        let imath = BuildKey.Upstream(project: "imath", tree: "1", closure: "a")
        let fmt = BuildKey.Upstream(project: "fmt", tree: "2", closure: "b")
        let both = BuildKey.closure(of: [imath, fmt])
        #expect(BuildKey.closure(of: [fmt, imath]) == both)
        for other in [
            BuildKey.Upstream(project: "fmt", tree: "3", closure: "b"),
            BuildKey.Upstream(project: "fmt", tree: "2", closure: "c"),
            BuildKey.Upstream(project: "fmt2", tree: "2", closure: "b"),
        ] {
            #expect(BuildKey.closure(of: [imath, other]) != both)
        }
        #expect(BuildKey.closure(of: [imath]) != both)
    }

    private func requirement(
        of project: String = "imath", packages: [String] = ["Imath"], proof: [String] = ["P"], optional: Bool = false
    ) -> ExpandedRecipe.Requirement {
        ExpandedRecipe.Requirement(project: project, packages: packages, proof: proof, optional: optional)
    }

    @Test func `the digest of a recipe covers stages, network, hidden files and requirements`() {
        func digest(
            stage: Stage = .build, run: String = "make", network: Bool = false, hidden: String = "h",
            _ requirement: ExpandedRecipe.Requirement? = nil
        ) -> String {
            let recipe = Recipe(stages: [StageScript(stage: stage, run: run)], network: network)
            return ExpandedRecipe(
                recipe: recipe, hidden: hidden, requirements: [requirement ?? self.requirement()]
            ).digest
        }
        let digests = [
            digest(), digest(stage: .install), digest(run: "ninja"), digest(network: true), digest(hidden: "i"),
            digest(requirement(packages: [])), digest(requirement(packages: ["Imath", "P"], proof: [])),
            digest(requirement(proof: [])), digest(requirement(packages: ["Imath", "proof"])),
            digest(requirement(proof: ["proof", "P"])), digest(requirement(optional: true)),
            digest(requirement(of: "fmt")),
        ]
        #expect(Set(digests).count == digests.count)
        #expect(digest() == recipe.digest)
    }

    @Test func `a build requires its direct upstreams, and the built version of indirect ones`() {
        var scenario = PlanScenario([
            ("imath", []), ("fmt", []), ("openexr", ["imath"]), ("ocio", ["imath", "fmt"]),
            ("oiio", ["openexr", "ocio?"]),
        ])
        for (project, package) in [("imath", "Imath"), ("openexr", "OpenEXR")] {
            scenario.provides[project] = Provides(packages: [package])
        }
        func requirements(_ project: String) -> [[String]] {
            scenario.builds(project).flatMap(\.requirements).map {
                [$0.project] + $0.packages + ($0.optional ? ["optional"] : [])
            }
        }
        #expect(requirements("imath").isEmpty)
        #expect(requirements("openexr") == [["imath", "Imath"]])
        #expect(
            requirements("oiio") == [["openexr", "OpenEXR"], ["ocio", "optional"], ["imath", "Imath", "optional"]])
        let before = scenario.builds("oiio").map(\.recipeDigest)
        scenario.provides["imath"] = Provides(packages: ["Imath", "half"])
        #expect(scenario.builds("oiio").map(\.recipeDigest) != before)
    }

    @Test func `the order of requirements does not matter`() {
        let requirements = ["a", "b"].map {
            ExpandedRecipe.Requirement(project: $0, packages: [], proof: [], optional: false)
        }
        let one = ExpandedRecipe(recipe: recipe.recipe, hidden: "", requirements: requirements)
        let other = ExpandedRecipe(recipe: recipe.recipe, hidden: "", requirements: requirements.reversed())
        #expect(one.digest == other.digest)
    }

    @Test func `nothing is hidden when no upstream hides anything`() {
        #expect(ExpandedRecipe.hidden(files: [], upstreams: ["", ""]) == "")
        #expect(
            ExpandedRecipe.hidden(files: [], upstreams: ["", "x"]) == ExpandedRecipe.hidden(files: [], upstreams: ["x"])
        )
        #expect(
            ExpandedRecipe.hidden(files: ["f"], upstreams: ["a", "b"])
                == ExpandedRecipe.hidden(files: ["f"], upstreams: ["b", "a"]))
        #expect(
            ExpandedRecipe.hidden(files: ["a", "b"], upstreams: [])
                != ExpandedRecipe.hidden(files: ["a"], upstreams: ["b"]))
    }

    @Test func `a field of bytes has the same hash as text`() {
        var whole = FieldHasher()
        whole.add("content")
        var pieces = FieldHasher()
        Array("content".utf8).withUnsafeBytes { bytes in
            pieces.add(bytes: UnsafeRawBufferPointer(rebasing: bytes[...]))
        }
        #expect(whole.finish() == pieces.finish())
    }
}
