// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// One folder, one module. `ARCHITECTURE.md` says what each owns and may import.
func module(_ name: String, on modules: [String] = [], using libraries: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: modules.map { .byName(name: $0) } + libraries, exclude: ["README.md"],
        swiftSettings: settings)
}

func tests(of modules: String..., named name: String, fixtures: Bool = false, data: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: modules.map { .byName(name: $0) },
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
        module("CanaryText"),
        module("CanaryModel", on: ["CanaryText"], using: [.product(name: "Crypto", package: "swift-crypto")]),
        module("CanaryManifest", on: ["CanaryText", "CanaryModel"], using: [.product(name: "Yams", package: "Yams")]),
        module(
            "CanaryRunner", on: ["CanaryText", "CanaryModel"],
            using: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        module(
            "CanaryHistory", on: ["CanaryText", "CanaryModel"], using: [.product(name: "GRDB", package: "GRDB.swift")]),
        module(
            "CanaryEngine", on: ["CanaryText", "CanaryModel", "CanaryRunner", "CanaryHistory"],
            using: [.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")]),
        module(
            "CanaryPublishing", on: ["CanaryText", "CanaryModel", "CanaryHistory"],
            using: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
            ]),
        module(
            "CanaryCommands",
            on: [
                "CanaryText", "CanaryModel", "CanaryManifest", "CanaryRunner", "CanaryHistory", "CanaryEngine",
                "CanaryPublishing",
            ],
            using: [.product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "canary", dependencies: ["CanaryCommands"], exclude: ["README.md"],
            swiftSettings: settings),
        // Worlds in which the truth is known, for tests and for the benchmark of searches.
        .target(
            name: "Simulation", dependencies: ["CanaryText", "CanaryModel"], path: "Tests/Simulation",
            swiftSettings: settings),
        .executableTarget(
            name: "simulate-searches", dependencies: ["CanaryText", "CanaryModel", "Simulation"],
            path: "Benchmarks/SimulateSearches",
            swiftSettings: settings),
        tests(of: "CanaryText", named: "CanaryTextTests"),
        tests(of: "CanaryModel", "CanaryText", "Simulation", named: "CanaryModelTests"),
        tests(of: "CanaryManifest", "CanaryText", "CanaryModel", named: "CanaryManifestTests", fixtures: true),
        tests(of: "CanaryRunner", "CanaryText", "CanaryModel", named: "CanaryRunnerTests", data: ["Logs/Corpus"]),
        tests(of: "CanaryHistory", "CanaryText", "CanaryModel", named: "CanaryHistoryTests", fixtures: true),
        tests(
            of: "CanaryEngine", "CanaryText", "CanaryModel", "CanaryRunner", "CanaryHistory", named: "CanaryEngineTests"
        ),
        tests(
            of: "CanaryPublishing", "CanaryText", "CanaryModel", "CanaryHistory", "Simulation",
            named: "CanaryPublishingTests"),
        tests(of: "CanaryPublishing", "CanaryText", "CanaryModel", "CanaryHistory", named: "CanaryPageTests"),
        tests(of: "canary", named: "EndToEndTests"),
    ],
    swiftLanguageModes: [.v6]
)
