// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryInspection

@Suite("LibraryResolution") struct LibraryResolutionTests {
    private let resolution = LibraryResolution(
        paths: SeenPaths(
            attempt: AttemptPaths(
                source: "/s/source", build: "/s/build", prefix: "/s/app", home: "/s/home", temporary: "/s/tmp",
                upstreamPrefix: ["base": "/s/base", "core": "/s/core"]), real: SeenPaths.tidy),
        own: ["libapp.so", "libbase-old.so.1"],
        installed: ["base": ["libbase.so", "libbase.so.2", "libbase.so.2.1"], "core": ["libcore-3_2.so.30"]],
        libraryPath: ["/s/base/lib", "/s/base/lib64"])

    private func texts(
        _ needed: [String], searching folders: [String] = [], there existing: Set<String> = ["/s/base/lib/libbase.so.2"]
    ) -> [String] {
        var file = ElfFile()
        file.needed = needed
        file.runpath = folders.joined(separator: ":")
        let object = LibraryResolution.Object(path: "/s/app/lib/x/libapp.so", file: file)
        return (try? resolution.findings(of: [object], existing: existing).map(\.text)) ?? ["interrupted"]
    }

    @Test func `what is nobody's may come from anywhere`() {
        #expect(
            texts(["libc.so.6", "libz.so.1", "/opt/x/libx.so", "libbase2.so", "plugin"], searching: ["/opt"]).isEmpty)
    }

    @Test(arguments: [
        [], ["/s/base/lib"], ["$ORIGIN/../../../base/lib", "/usr/local/lib"], ["/opt/empty", "/s/base/lib"],
        ["lib", "", ".", "$LIB/x"], ["${ORIGIN}"],
    ])
    func `a library of the prefix is right however it is found`(_ folders: [String]) {
        #expect(
            texts(
                ["libbase.so.2"], searching: folders,
                there: ["/s/base/lib/libbase.so.2", "/usr/local/lib/libbase.so.2"]
            ).isEmpty)
    }

    @Test(arguments: [
        ["/usr/local/lib"], ["/usr/local/lib", "/s/base/lib"], ["/s/base/../../usr/local/lib"],
        ["$ORIGIN/../../../../usr/local/lib"],
    ])
    func `a library that is found elsewhere first is wrong`(_ folders: [String]) {
        let found = texts(
            ["libbase.so.2"], searching: folders, there: ["/s/base/lib/libbase.so.2", "/usr/local/lib/libbase.so.2"])
        #expect(
            found == [
                "`/s/app/lib/x/libapp.so` takes the library of `base` from `/usr/local/lib/libbase.so.2`, "
                    + "which is not in its prefix"
            ])
    }

    @Test func `a copy of its own is no library of the upstream`() {
        #expect(texts(["libbase.so"], searching: ["$ORIGIN"], there: ["/s/app/lib/x/libbase.so"]).count == 1)
    }

    @Test func `the default folders come last`() {
        #expect(texts(["libbase.so.2"], there: ["/usr/lib/libbase.so.2"]).count == 1)
        #expect(texts(["libbase.so.2"], there: []).isEmpty)
    }

    @Test func `a path must lead into the prefix`() {
        #expect(texts(["/s/base/lib/libbase.so", "/s/base/lib/../lib/libbase.so.2"]).isEmpty)
        #expect(
            texts(["/decoy/lib/libbase.so"]) == [
                "`/s/app/lib/x/libapp.so` needs `/decoy/lib/libbase.so`, which is not in the prefix of `base`"
            ])
        #expect(texts(["/decoy/lib/libbase.so.1"]).count == 1)
        #expect(texts(["/decoy/lib/libother.so.1"]).isEmpty)
    }

    @Test func `another version than the prefix has is wrong wherever it is`() {
        #expect(
            texts(["libcore-3_1.so.29"]) == [
                "`/s/app/lib/x/libapp.so` needs `libcore-3_1.so.29`, another version of a library of `core` than the one "
                    + "in its prefix"
            ])
        #expect(texts(["libbase.so.1"]).count == 1)
        #expect(texts(["libbase-old.so.1"]).isEmpty, "its own")
    }

    @Test(arguments: [
        ("libImath-3_1.so.29", "libImath"), ("libImath.so.29", "libImath"), ("libOpenColorIO_2_4.so", "libOpenColorIO"),
        ("libglib-2.0.so.0", "libglib"), ("libfoo2.so.1", "libfoo2"), ("libyaml-cpp.so.0.8", "libyaml-cpp"),
        ("libImath.so", nil), ("libfoo2.so", nil), ("Imath", nil), ("libx.so.conf", nil), (".so.1", nil),
    ])
    func `a stem is a name without its version`(_ name: String, _ stem: String?) {
        #expect(LibraryResolution.stem(of: name).map(String.init) == stem)
    }

    @Test func `a stem is what a regular expression makes of the name`() {
        var generator = Seeded(state: 3)
        let parts = ["lib", "a", ".so", ".so", "-", "_", ".", "1", "22", "3", "\n", "é"]
        for _ in 0..<4000 {
            let name = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }.joined()
            let found = name.wholeMatch(of: /(.+?)([-_.]\d+(?:[._]\d+)*)?\.so((?:\.\d+)*)/)?.output
            let stem = found.flatMap { $0.2 != nil || !$0.3.isEmpty ? $0.1 : nil }
            #expect(LibraryResolution.stem(of: name) == stem, "\(name.debugDescription)")
        }
    }

    @Test func `long names and search paths cost time in proportion to their length`() {
        let time = ContinuousClock().measure {
            let names = (0..<200).map { "\($0)" + String(repeating: "_1", count: 8000) + ".so" }
            #expect(texts(names, searching: (0..<400).map { "/\($0)/$ORIGIN" }).isEmpty)
        }
        #expect(time < .seconds(20))
    }

    @Test func `only searches for what is an upstream's are made`() {
        var file = ElfFile()
        file.needed = ["libc.so.6", "libbase.so.2", "/s/base/lib/libbase.so"]
        file.runpath = "$ORIGIN/..:/opt"
        let searches = resolution.searches(of: LibraryResolution.Object(path: "/s/app/bin/app", file: file))
        #expect(searches.count == 1)
        #expect(
            searches.first?.prefix(4) == [
                "/s/app/libbase.so.2", "/opt/libbase.so.2", "/s/base/lib/libbase.so.2", "/s/base/lib64/libbase.so.2",
            ])
    }
}
