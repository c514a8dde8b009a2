// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

@testable import CanaryHistory

/// The instant all samples are told from.
let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))

/// A number's worth of hexadecimal digits, as a commit has.
func sha(_ seed: Int) -> String {
    var state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03
    return String(
        (0..<40).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Array("0123456789abcdef")[Int(state >> 60)]
        })
}

/// The stack of the samples: eight projects of the family, or `count` made-up ones.
enum SampleStack {
    static let variants = [
        Variant(name: "vfx2026", image: nil, lanes: [.head, .release]),
        Variant(name: "vfx2025", image: nil, lanes: [.head, .release, .platform]),
        Variant(name: "vfx2027-draft", image: nil, lanes: [.head]),
    ]

    static func family() throws -> Stack {
        let named: [(String, String, [String])] = [
            ("imath", "Imath", []), ("openexr", "OpenEXR", ["imath"]), ("opencolorio", "OpenColorIO", ["imath"]),
            ("materialx", "MaterialX", []), ("openvdb", "OpenVDB", ["imath", "openexr"]),
            ("openimageio", "OpenImageIO", ["imath", "openexr", "opencolorio", "openvdb"]),
            ("osl", "Open Shading Language", ["imath", "openexr", "openimageio"]),
            ("openusd", "OpenUSD", ["imath", "openexr", "opencolorio", "openimageio", "osl", "openvdb", "materialx"]),
            ("alembic", "Alembic", ["imath"]),
        ]
        let projects = named.map { name, title, upstreams in
            Project(
                name: name, title: title,
                location: .repository("https://github.com/AcademySoftwareFoundation/\(title).git"),
                upstreams: upstreams.map { Upstream(project: $0, optional: name == "openimageio" && $0 == "openvdb") },
                builds: builds(platform: name != "alembic"),
                hold: name == "alembic" ? Hold(reason: "the branch is being rewritten, see issue 451") : nil)
        }
        return Stack(
            name: "aswf", title: "Academy Software Foundation, top of tree", variants: variants,
            graph: try ProjectGraph(projects))
    }

    /// `count` projects, each on three of those before it.
    static func large(_ count: Int) throws -> Stack {
        let projects = (0..<count).map { index in
            Project(
                name: "project-\(index)", title: "Project number \(index)",
                location: .repository("https://github.com/example/project-\(index).git"),
                upstreams: Set([index / 2, index / 3, index - 7].filter { $0 >= 0 && $0 < index }).sorted()
                    .map { Upstream(project: "project-\($0)") },
                builds: builds(platform: true))
        }
        return Stack(name: "large", variants: variants, graph: try ProjectGraph(projects))
    }

    private static func builds(platform: Bool) -> [String: VariantBuild] {
        let build = VariantBuild(recipe: Recipe(stages: [], network: false))
        return Dictionary(
            uniqueKeysWithValues: variants.filter { platform || $0.name == "vfx2026" }.map { ($0.name, build) })
    }
}
