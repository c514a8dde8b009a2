// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A room: one folder, one module.
///
/// `ARCHITECTURE.md` says what each owns and may import.
func room(_ name: String, on rooms: [String] = [], using libraries: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: rooms.map { .byName(name: $0) } + libraries, exclude: ["README.md"],
        swiftSettings: settings)
}

func tests(of rooms: String..., named name: String, fixtures: Bool = false, data: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: rooms.map { .byName(name: $0) },
        // Read where it lies.
        exclude: data,
        resources: fixtures ? [.copy("Fixtures")] : [],
        swiftSettings: settings)
}

// The order is the data's way.
let package = Package(
    name: "canary",
    products: [.executable(name: "canary", targets: ["canary"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        room("CanaryModel", using: [.product(name: "Crypto", package: "swift-crypto")]),
        room("CanaryManifest", on: ["CanaryModel"], using: [.product(name: "Yams", package: "Yams")]),
        room(
            "CanaryRunner", on: ["CanaryModel"],
            using: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        room("CanaryHistory", on: ["CanaryModel"], using: [.product(name: "GRDB", package: "GRDB.swift")]),
        room(
            "CanaryEngine", on: ["CanaryModel", "CanaryRunner", "CanaryHistory"],
            using: [.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")]),
        room(
            "CanaryPublishing", on: ["CanaryModel", "CanaryHistory"],
            using: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
            ]),
        room(
            "CanaryCommands",
            on: [
                "CanaryModel", "CanaryManifest", "CanaryRunner", "CanaryHistory", "CanaryEngine", "CanaryPublishing",
            ],
            using: [.product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "canary", dependencies: ["CanaryCommands"], exclude: ["README.md"],
            swiftSettings: settings),
        // Worlds in which the truth is known, for tests and for the benchmark of searches.
        .target(
            name: "Simulation", dependencies: ["CanaryModel"], path: "Tests/Simulation", swiftSettings: settings),
        .executableTarget(
            name: "simulate-searches", dependencies: ["CanaryModel", "Simulation"], path: "Benchmarks/SimulateSearches",
            swiftSettings: settings),
        tests(of: "CanaryModel", "Simulation", named: "CanaryModelTests"),
        tests(of: "CanaryManifest", "CanaryModel", named: "CanaryManifestTests", fixtures: true),
        tests(of: "CanaryRunner", "CanaryModel", named: "CanaryRunnerTests", data: ["Logs/Corpus"]),
        tests(of: "CanaryHistory", "CanaryModel", named: "CanaryHistoryTests", fixtures: true),
        tests(
            of: "CanaryEngine", "CanaryModel", "CanaryRunner", "CanaryHistory", named: "CanaryEngineTests"),
        tests(of: "CanaryPublishing", "CanaryModel", "CanaryHistory", "Simulation", named: "CanaryPublishingTests"),
        tests(of: "CanaryPublishing", "CanaryModel", "CanaryHistory", named: "CanaryPageTests"),
        tests(of: "canary", named: "EndToEndTests"),
    ],
    swiftLanguageModes: [.v6]
)
