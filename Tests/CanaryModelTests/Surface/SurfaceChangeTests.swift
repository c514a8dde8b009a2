// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@Suite("Surfaces")
struct SurfaceChangeTests {
    private static let symbols = [
        "_ZNK9Imath_3_14Vec3IfE6lengthEv", "_ZN7Imf_3_16HeaderC1Eii", "_ZN7Imf_3_16HeaderD2Ev", "exr_read_scanline",
        "_Z3addii",
    ]

    private static let imath = Surface([
        .package: Surface.Part(["Imath": "3.1.12", "fmt": ""]), .target: Surface.Part(["Imath::Imath": "SHARED"]),
        .header: Surface.Part(["Imath/ImathVec.h": "d1"]),
        .macro: Surface.Part(["IMATH_X": "Imath/ImathConfig.h: 1"]),
        .symbol: Surface.Part(Dictionary(uniqueKeysWithValues: symbols.map { ($0, "") })),
        .file: Surface.Part(["lib/libImath.so": "d2"], isComplete: false),
    ])

    private func entry(_ kind: Surface.Kind, _ name: String, _ before: String?, _ after: String?) -> SurfaceChange.Entry
    {
        SurfaceChange.Entry(kind: kind, name: name, before: before, after: after)
    }

    @Test func `removed, added and changed things are listed by kind and name`() {
        let new = Surface([
            .package: Surface.Part(["Imath": "3.2.0"]),
            .macro: Surface.Part(["B": "b.h", "A": "a.h", "IMATH_X": "Imath/ImathConfig.h: 2"]),
            .header: Surface.Part(["Imath/ImathVec.h": "d1"]), .symbol: Self.imath.parts[.symbol] ?? Surface.Part([:]),
        ])
        let change = SurfaceChange(from: Self.imath, to: new)
        #expect(
            change.went == [
                entry(.package, "fmt", "", nil), entry(.target, "Imath::Imath", "SHARED", nil),
                entry(.file, "lib/libImath.so", "d2", nil),
            ])
        #expect(change.came == [entry(.macro, "A", nil, "a.h"), entry(.macro, "B", nil, "b.h")])
        #expect(
            change.changed == [
                entry(.package, "Imath", "3.1.12", "3.2.0"),
                entry(.macro, "IMATH_X", "Imath/ImathConfig.h: 1", "Imath/ImathConfig.h: 2"),
            ])
        #expect(change.incomplete == [.file])
        let back = SurfaceChange(from: new, to: Self.imath)
        #expect(back.came.map(\.name) == change.went.map(\.name) && back.went.map(\.name) == ["A", "B"])
        #expect(SurfaceChange(from: Self.imath, to: Self.imath).isEmpty)
    }

    @Test(arguments: [
        (Surface.Kind.macro, "IMATH_X", true), (.macro, "IMATH", false), (.target, "Imath::Imath", true),
        (.target, "Imath", false), (.package, "Imath", true), (.package, "FMT", true), (.package, "OpenEXR", false),
        (.header, "Imath/ImathVec.h", true), (.header, "ImathVec.h", true), (.header, "Vec.h", false),
        (.symbol, "exr_read_scanline", true), (.symbol, "exr_read", false),
        (.symbol, "_ZNK9Imath_3_14Vec3IfE6lengthEv", true),
        (.symbol, "Imath_3_1::Vec3<float>::length() const", true), (.symbol, "Imath_3_1::Vec3<float>::dot()", false),
        (.symbol, "Imf_3_1::Header::Header(int, int)", true), (.symbol, "Imf_3_1::Header::~Header()", true),
        (.symbol, "Imf_3_1::Box::Box()", false), (.symbol, "int add<std::map<int, int>>(int)", true),
        (.symbol, "", false), (.symbol, "::", false),
    ])
    func `a thing is found by the name that errors give it`(_ kind: Surface.Kind, _ name: String, _ found: Bool) {
        #expect(Self.imath.contains(kind, name) == found)
    }

    @Test func `a thing of an incomplete kind may be installed even if it is not found`() {
        #expect(Self.imath.contains(.file, "libImath.so") == true)
        #expect(Self.imath.contains(.file, "libIex.so") == nil)
        #expect(Surface([:]).contains(.file, "libIex.so") == false)
    }
}
