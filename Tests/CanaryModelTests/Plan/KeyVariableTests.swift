// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryModel

@Suite("KeyVariable") struct KeyVariableTests {
    @Test(arguments: [
        (#"test "$CANARY_VARIANT" = a"#, [KeyVariable.variant]), ("echo ${CANARY_LANE:-x}", [.lane]),
        ("env | grep CANARY_LANE", [.lane]), ("printenv CANARY_REVISION", [.revision]),
        (#"printf '%s' "x\nCANARY_LANE""#, [.lane]),
        ("cmake -DLANE=$CANARY_LANE -DV=$CANARY_VARIANT .", [.lane, .variant]),
        ("# not CANARY_LANE", [.lane]), ("env | grep ^CANARY_", KeyVariable.allCases),
        ("env | grep CANARY > x", KeyVariable.allCases), (#"eval "echo \$CANARY_$1""#, KeyVariable.allCases),
        ("echo $CANARY_LA\\\nNE", [.lane]), ("$CANARY_LANE$CANARY_LANE", [.lane]),
    ])
    func `a script names a variable in any way`(_ script: String, _ named: [KeyVariable]) {
        #expect(KeyVariable.named(in: script) == named)
    }

    @Test(arguments: [
        "", "make", #"cmake -S "$CANARY_SOURCE" -DP="$CANARY_PREFIX" -j "$CANARY_JOBS""#, "$CANARY_UPSTREAM_LANE",
        "$CANARY_LANES $CANARY_VARIANT_2 $CANARY_REV1", "-DWITH_CANARY=ON", "echo canary_lane",
    ])
    func `other names are not part of the key`(_ script: String) {
        #expect(KeyVariable.named(in: script).isEmpty)
    }

    @Test func `the short form names none, unless an option does`() {
        #expect(CMakeOptions(test: true).recipe(network: false).variables.isEmpty)
        let options = ["A": "$CANARY_LANE"]
        #expect(CMakeOptions(options: options).recipe(network: false).variables == [.lane])
    }

    @Test func `a recipe that is stored and read again names the same`() throws {
        let recipe = Recipe(stages: [StageScript(stage: .build, run: "echo $CANARY_LANE")], network: true)
        let text = try JSONEncoder().encode(recipe)
        #expect(try JSONDecoder().decode(Recipe.self, from: text) == recipe)
        #expect(!String(decoding: text, as: UTF8.self).contains("variables"))
    }

    private func scenario(_ script: String) -> PlanScenario {
        var scenario = PlanScenario(
            [("imath", []), ("openexr", ["imath"])], lanes: [.head, .release], variants: ["a", "b"])
        scenario.snapshot.environments = ["a": "same", "b": "same"]
        scenario.recipes["imath"] = Recipe(stages: [StageScript(stage: .build, run: script)], network: false)
        return scenario
    }

    private func keys(_ scenario: PlanScenario) -> Set<String?> { Set(scenario.builds("imath").map(\.key)) }

    @Test func `jobs share a build unless its recipe names what differs between them`() {
        #expect(keys(scenario("make")).count == 1)
        #expect(keys(scenario("$CANARY_REVISION")).count == 1)
        #expect(keys(scenario("$CANARY_LANE")).count == 2)
        #expect(keys(scenario("$CANARY_VARIANT")).count == 2)
        #expect(keys(scenario("$CANARY_VARIANT/$CANARY_LANE")).count == 4)
    }

    @Test func `each build runs in the lane and variant of its key`() {
        for build in scenario("$CANARY_VARIANT/$CANARY_LANE").builds("imath") {
            #expect(build.jobs == [JobID(project: "imath", variant: build.variant, lane: build.lane)])
        }
    }

    @Test func `a commit without a change of files is built again where the recipe names the revision`() {
        for (script, isBuilt) in [("make", false), ("make $CANARY_REVISION", true)] {
            var scenario = PlanScenario([("imath", [])])
            scenario.recipes["imath"] = Recipe(stages: [StageScript(stage: .build, run: script)], network: false)
            let before = scenario.job("imath").key
            scenario.end("imath")
            scenario.head("imath", "imath-2", tree: "imath-1")
            #expect((scenario.job("imath").key != before) == isBuilt)
        }
    }
}
