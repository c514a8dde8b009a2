// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Glibc

@testable import CanaryInspection
@testable import CanaryModel

/// The paths of an attempt, as the files of its build and its log name them.
let attemptPaths = AttemptPaths(
    source: "/canary/.source", build: "/canary/.build", prefix: "/canary/openexr", home: "/canary/.home",
    temporary: "/canary/.tmp", upstreamPrefix: ["imath": "/canary/imath", "openvdb": "/canary/openvdb"])

/// A file that a build installed, in a tree where it is the only one.
struct InstalledFile {
    private let root: String
    private let name: String

    /// The file `name` in the tree at `root`.
    init(_ name: String, in root: String) {
        self.root = root
        self.name = name
        let folder = name.split(separator: "/").dropLast().joined(separator: "/")
        Scratch.makeFolder("\(root)/\(folder)")
    }

    /// Does with `bytes` what follows the stages of an attempt that installed them.
    func examine(_ bytes: UnsafeRawBufferPointer) {
        _ = Scratch.write(bytes, to: "\(root)/\(name)")
        do {
            _ = try PrefixFitness(of: root).establish()
            let tree = try TreeHash.hash(of: root, replacing: attemptPaths.words)
            require(tree.files == 1, "one file in `\(root)`, found \(tree.files)")
            _ = try SurfaceReader.surface(of: tree, in: root, replacing: attemptPaths.words)
        } catch {
            fatalError("expected a tree to be read, found \(error)")
        }
    }
}

/// Libraries and programs that a build installed.
enum ElfInput {
    private static let library = InstalledFile("lib/libOpenEXR.so", in: "elf")
    private static let resolution = LibraryResolution(
        paths: SeenPaths(attempt: attemptPaths, real: SeenPaths.tidy), own: ["libOpenEXR.so"],
        installed: ["imath": ["libImath.so.29", "libImath-3_1.so"], "openvdb": ["libopenvdb.so.10"]],
        libraryPath: ["/canary/imath/lib"])

    static func read(_ bytes: UnsafeRawBufferPointer) {
        ElfSymbols.forEach(in: bytes, atMost: 1024) { $0.count <= 1024 }
        if let file = ElfFile(bytes) {
            let object = LibraryResolution.Object(path: "/canary/openexr/lib/libOpenEXR.so", file: file)
            let existing = Set(resolution.searches(of: object).compactMap(\.last))
            _ = try? resolution.findings(of: [object], existing: existing)
        }
        library.examine(bytes)
    }
}

/// CMake's cache, and the CMake files and headers that a build installed.
enum CMakeInput {
    private static let package = InstalledFile("lib/cmake/OpenEXR/OpenEXRConfigVersion.cmake", in: "cmake")
    private static let header = InstalledFile("include/OpenEXR/ImfHeader.h", in: "header")
    private static let requirements = [
        ExpandedRecipe.Requirement(
            project: "imath", packages: ["Imath"], proof: ["IMATH_INCLUDE_DIR"], optional: false),
        ExpandedRecipe.Requirement(project: "openvdb", packages: ["OpenVDB"], proof: [], optional: true),
    ]

    private static let folder = {
        Scratch.makeFolder("trace")
        return "trace"
    }()

    /// What a build recorded in a file, whatever kind of file that is.
    private static func traces(of bytes: UnsafeRawBufferPointer) -> [BuildTrace] {
        let offers = UpstreamOffers([
            UpstreamOffer(
                of: "imath", in: "/canary/imath", headers: ["Imath/half.h"], libraries: ["libImath-3_1.so.29"],
                archives: ["libImath.a"])
        ])
        return ["CMakeCache.txt", ".ninja_deps", "a.d", "build.ninja", "link.txt", "flags.make"].compactMap { name in
            let path = Scratch.write(bytes, to: "\(folder)/\(name)")
            defer { unlink(path) }
            return try? BuildTrace(of: folder, seen: "/canary/.build", offers: offers)
        }
    }

    static func read(_ bytes: UnsafeRawBufferPointer) {
        let paths = SeenPaths(attempt: attemptPaths, real: SeenPaths.tidy)
        for trace in traces(of: bytes) {
            let proof = ConsumptionProof(trace, at: paths, existing: [], needed: [], isComplete: true)
            _ = proof.findings(for: requirements)
            _ = proof.consumption
        }
        // Not mapped from a file here, so that a look beyond the end is seen.
        (Array(bytes) + [0]).withUnsafeBytes { text in
            guard let start = text.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            _ = CMakeFile(start)
            _ = MacroScanner.macros(in: start)
        }
        package.examine(bytes)
        header.examine(bytes)
    }
}
