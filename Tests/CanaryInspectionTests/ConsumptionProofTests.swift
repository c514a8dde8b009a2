// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryInspection
@testable import CanaryModel

@Suite("ConsumptionProof") struct ConsumptionProofTests {
    private let attemptPaths = AttemptPaths(
        source: "/s/source", build: "/s/build", prefix: "/s/app", home: "/s/home", temporary: "/s/tmp",
        upstreamPrefix: ["base": "/s/base", "core": "/s/core"])

    /// `wrong`, `unused`, or nothing for each finding about upstreams that must be found.
    private func found(
        _ cache: String, packages: [String] = ["Base"], proof: [String] = [], optional: Bool = false
    ) -> [String] {
        findings(cache, packages: packages, proof: proof, optional: optional).map {
            $0.reason == .inspectWrongUpstream ? "wrong" : "unused"
        }
    }

    private func findings(
        _ cache: String, packages: [String] = ["Base"], proof: [String] = [], optional: Bool = false,
        real: @escaping @Sendable (String) -> String = SeenPaths.tidy
    ) -> [ConsumptionFinding] {
        var trace = BuildTrace(of: UpstreamOffers([]))
        trace.caches = [Array(cache.utf8)]
        let paths = SeenPaths(attempt: attemptPaths, real: real)
        let requirement = ExpandedRecipe.Requirement(
            project: "base", packages: packages, proof: proof, optional: optional)
        return ConsumptionProof(trace, at: paths, existing: [], needed: [], isComplete: true)
            .findings(for: [requirement])
    }

    @Test(arguments: [
        "Base_DIR:PATH=/s/base/lib/cmake/Base", "Base_DIR:UNINITIALIZED=/s/base",
        "BASE_DIR:PATH=/s/base/lib/cmake/base-2",
        "Base_DIR:PATH=/s/core/../base//lib/./cmake/Base",
    ])
    func `a package in the prefix is consumed`(_ cache: String) {
        #expect(found(cache).isEmpty)
    }

    @Test(arguments: [
        "Base_DIR:PATH=/usr/local/lib/cmake/Base", "Base_DIR:PATH=/s/base-2/lib/cmake/Base",
        "Base_DIR:PATH=/s/base/../decoy/lib/cmake/Base", "Base_DIR:PATH=/s/core/lib/cmake/Base",
        "Base_DIR:PATH=/s/source/bundled/lib/cmake/Base", "base_DIR:INTERNAL=/usr/lib/cmake/base",
        "Base_DIR:UNINITIALIZED=/usr/lib/cmake/Base",
        "Base_DIR:PATH=/s/base/lib/cmake/Base\nbase_DIR:PATH=/usr/lib/cmake/base",
    ])
    func `a package from elsewhere is wrong`(_ cache: String) {
        #expect(found(cache) == ["wrong"])
        #expect(found(cache, optional: true) == ["wrong"])
    }

    @Test(arguments: [
        "", "Base_DIR:PATH=Base_DIR-NOTFOUND", "Base_DIR:PATH=", "Other_DIR:PATH=/s/base/lib/cmake/Other",
        "Base_INCLUDE_DIR:PATH=/s/base/include",
        "Base_DIR:INTERNAL=/s/build/CMakeFiles/pkgRedirects", "Base_DIR:PATH=/s/build/_deps/base-build",
    ])
    func `a package that was not found is unused, unless it may be missing`(_ cache: String) {
        #expect(found(cache) == ["unused"])
        #expect(found(cache, optional: true).isEmpty)
    }

    @Test(arguments: [
        "base_SOURCE_DIR:STATIC=/s/build/_deps/base-src", "Base_SOURCE_DIR:STATIC=/s/source/ext/base",
        "FETCHCONTENT_SOURCE_DIR_BASE:PATH=",
    ])
    func `a copy built along with the project counts, whatever was found`(_ copy: String) {
        let both = "CMAKE_PROJECT_NAME:STATIC=app\nBase_DIR:PATH=/s/base/lib/cmake/Base\n\(copy)\n"
        #expect(found(both) == ["unused"])
        #expect(found(both, optional: true).isEmpty)
        #expect(found(both.replacing("=app", with: "=base")).isEmpty, "the project itself has that name")
    }

    @Test func `sources that FetchContent takes from the prefix are the upstream itself`() {
        let source = "FETCHCONTENT_SOURCE_DIR_BASE:PATH=/s/base/src/base\nbase_SOURCE_DIR:STATIC=/s/base/src/base\n"
        #expect(found(source).isEmpty)
        #expect(found(source + "Base_DIR:PATH=/s/build/_deps/base-build\n").isEmpty)
        #expect(found(source.replacing("/s/base/", with: "/s/source/")) == ["unused"])
        #expect(found(source + "Base_DIR:PATH=/usr/lib/cmake/Base\n") == ["wrong"])
    }

    @Test func `one of several packages is enough, and each that is found must be ours`() {
        let one = "A_DIR:PATH=/s/base/lib/cmake/A\nB_DIR:PATH=B_DIR-NOTFOUND\n"
        #expect(found(one, packages: ["A", "B"]).isEmpty)
        #expect(found(one.replacing("B_DIR-NOTFOUND", with: "/usr/lib/cmake/B"), packages: ["A", "B"]) == ["wrong"])
    }

    @Test(arguments: [
        ("X:PATH=/s/base/include", []), ("X:FILEPATH=/s/base/lib/libbase.so", []),
        ("X:UNINITIALIZED=/s/base", []), ("X:STRING=/s/base/lib/libbase.so;/s/core/lib/libcore.so;m", []),
        ("X:INTERNAL=-L/s/base/lib", []), ("X:PATH=/usr/include", ["wrong"]),
        ("X:STRING=/s/core/include", ["wrong"]), ("X:STRING=/s/base/include;/usr/local/include", ["wrong"]),
        ("X:PATH=X-NOTFOUND", ["unused"]), ("X:BOOL=ON", ["unused"]), ("x:PATH=/s/base", ["unused"]),
        ("X:PATH=/s/base\nBase_DIR:PATH=/usr/lib/cmake/Base", ["wrong"]),
        ("X:PATH=/s/base\nBase_DIR:PATH=Base_DIR-NOTFOUND", []),
    ])
    func `a proof variable stands for the package's own`(_ cache: String, _ expected: [String]) {
        #expect(found(cache, proof: ["X"]) == expected)
    }

    @Test func `nothing is asked of an upstream that names neither packages nor variables`() {
        #expect(found("Base_DIR:PATH=/usr/lib/cmake/Base", packages: []).isEmpty)
        #expect(found("X:PATH=/s/base", packages: [], proof: ["X"]).isEmpty)
        #expect(found("X:PATH=/usr", packages: [], proof: ["X"]) == ["wrong"])
    }

    @Test func `links count for where they lead`() {
        let links: @Sendable (String) -> String = { path in
            path.replacing("/link-in", with: "/s/base").replacing("/s/base/out", with: "/decoy")
        }
        #expect(findings("Base_DIR:PATH=/link-in/lib", real: links).isEmpty)
        #expect(findings("Base_DIR:PATH=/s/base/out", real: links).map(\.reason) == [.inspectWrongUpstream])
    }

    @Test func `each finding says what was expected and what was found`() {
        #expect(
            findings("Base_DIR:PATH=/usr/lib/cmake/Base").map(\.text) == [
                "`Base_DIR` is `/usr/lib/cmake/Base`, which is not in the prefix of `base`"
            ])
        #expect(
            findings("", proof: ["X"]).map(\.text) == [
                "CMake did not find `base`: its cache has no path in `Base_DIR` nor `X`"
            ])
        #expect(
            findings("base_SOURCE_DIR:STATIC=/s/build/_deps/base-src").map(\.text) == [
                "a copy of `base` in `/s/build/_deps/base-src` is built instead of its prefix (`base_SOURCE_DIR`)"
            ])
    }

    @Test func `lists and caches without end cost no more than a bound of calls`() {
        let list = "Base_DIR:PATH=" + String(repeating: "/s/base;", count: 200_000) + "\n"
        let lines = String(repeating: "Base_DIR:PATH=/s/base\n", count: 150_000)
        let time = ContinuousClock().measure { #expect(found(list).isEmpty && found(lines).isEmpty) }
        #expect(time < .seconds(20))
    }
}
