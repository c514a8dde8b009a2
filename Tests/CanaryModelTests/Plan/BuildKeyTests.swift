// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Testing

@Suite("BuildKey") struct BuildKeyTests {
    private let recipe = ExpandedRecipe(
        recipe: Recipe(stages: [StageScript(stage: .build, run: "make")], network: false), hidden: "h",
        demands: [ExpandedRecipe.Demand(project: "imath", packages: ["Imath"], proof: ["P"], optional: false)])

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

    @Test func `every field is in the key`() {
        let keys = [
            key(), key(project: "x"), key(tree: "x"), key(recipe: "x"), key(environment: "x"), key(closure: "x"),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.count == 64 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
    }

    @Test func `fields cannot run into each other`() {
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

    @Test func `the order of upstreams does not matter, each of their trees does`() {
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

    @Test func `a recipe's digest holds stages, network, hidden files and demands`() {
        func digest(
            stage: Stage = .build, run: String = "make", network: Bool = false, hidden: String = "h",
            packages: [String] = ["Imath"], proof: [String] = ["P"], optional: Bool = false, project: String = "imath"
        ) -> String {
            let demand = ExpandedRecipe.Demand(project: project, packages: packages, proof: proof, optional: optional)
            let recipe = Recipe(stages: [StageScript(stage: stage, run: run)], network: network)
            return ExpandedRecipe(recipe: recipe, hidden: hidden, demands: [demand]).digest
        }
        let digests = [
            digest(), digest(stage: .install), digest(run: "ninja"), digest(network: true), digest(hidden: "i"),
            digest(packages: []), digest(packages: ["Imath", "P"], proof: []), digest(proof: []),
            digest(packages: ["Imath", "proof"]), digest(proof: ["proof", "P"]), digest(optional: true),
            digest(project: "fmt"),
        ]
        #expect(Set(digests).count == digests.count)
        #expect(digest() == recipe.digest)
    }

    @Test func `a build demands its direct upstreams, and what is found of those below`() {
        var scene = PlanScenario([
            ("imath", []), ("fmt", []), ("openexr", ["imath"]), ("ocio", ["imath", "fmt"]),
            ("oiio", ["openexr", "ocio?"]),
        ])
        for (project, package) in [("imath", "Imath"), ("openexr", "OpenEXR")] {
            scene.provides[project] = Provides(packages: [package])
        }
        func demands(_ project: String) -> [[String]] {
            scene.builds(project).flatMap(\.demands).map {
                [$0.project] + $0.packages + ($0.optional ? ["optional"] : [])
            }
        }
        #expect(demands("imath").isEmpty)
        #expect(demands("openexr") == [["imath", "Imath"]])
        #expect(demands("oiio") == [["openexr", "OpenEXR"], ["ocio", "optional"], ["imath", "Imath", "optional"]])
        let before = scene.builds("oiio").map(\.recipeDigest)
        scene.provides["imath"] = Provides(packages: ["Imath", "half"])
        #expect(scene.builds("oiio").map(\.recipeDigest) != before)
    }

    @Test func `the order of demands does not matter`() {
        let demands = ["a", "b"].map {
            ExpandedRecipe.Demand(project: $0, packages: [], proof: [], optional: false)
        }
        let one = ExpandedRecipe(recipe: recipe.recipe, hidden: "", demands: demands)
        let other = ExpandedRecipe(recipe: recipe.recipe, hidden: "", demands: demands.reversed())
        #expect(one.digest == other.digest)
    }

    @Test func `nothing hidden anywhere below is nothing hidden`() {
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

    @Test func `a field of bytes hashes as text does`() {
        var whole = FieldHasher()
        whole.add("content")
        var pieces = FieldHasher()
        Array("content".utf8).withUnsafeBytes { bytes in
            pieces.add(bytes: UnsafeRawBufferPointer(rebasing: bytes[...]))
        }
        #expect(whole.finish() == pieces.finish())
    }
}
