// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Whether `scripts/fuzz` builds: what reads text from outside, fed by libFuzzer.
let isFuzzing = Context.environment["CANARY_FUZZING"] != nil

// Of several options of this kind the last counts. SwiftPM would give two in any order, and build anew when it changes.
let sanitizers = ["-sanitize=address,fuzzer"]

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ] + (isFuzzing ? [.unsafeFlags(sanitizers + ["-O"])] : [])

/// One folder of Sources and the tests of its name.
///
/// `ARCHITECTURE.md` says what each module owns and may import.
struct Module {
    var name: String
    var imports: [String] = []
    var libraries: [Target.Dependency] = []
    var resources: [Resource] = []
    /// What only its tests import.
    var testedWith: [String] = []
    var hasFixtures = false
    /// Files of its tests that are read where they are.
    var testData: [String] = []

    private func named(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

    var targets: [Target] {
        [
            .target(
                name: name, dependencies: named(imports) + libraries, exclude: ["README.md"], resources: resources,
                swiftSettings: settings),
            .testTarget(
                name: name + "Tests", dependencies: named([name, "CanaryTestSupport"] + imports + testedWith),
                exclude: testData,
                resources: hasFixtures ? [.copy("Fixtures")] : [], swiftSettings: settings),
        ]
    }
}

// The order is the data's way.
let modules = [
    Module(name: "CanaryText"),
    Module(
        name: "CanaryModel", imports: ["CanaryText"], libraries: [.product(name: "Crypto", package: "swift-crypto")],
        testedWith: ["Simulation"]),
    Module(
        name: "CanaryManifest", imports: ["CanaryText", "CanaryModel"],
        libraries: [.product(name: "Yams", package: "Yams")], hasFixtures: true),
    Module(name: "CanaryJudge", imports: ["CanaryText", "CanaryModel"], testedWith: ["Simulation"]),
    Module(name: "CanaryBisection", imports: ["CanaryText", "CanaryModel"], testedWith: ["Simulation"]),
    Module(name: "CanaryDiagnosis", imports: ["CanaryText", "CanaryModel"], testData: ["Corpus", "Fingerprints"]),
    Module(name: "CanaryFiles", imports: ["CanaryText", "CanaryModel"]),
    Module(
        name: "CanaryProcesses", imports: ["CanaryText", "CanaryModel"],
        libraries: [
            .product(name: "Subprocess", package: "swift-subprocess"),
            .product(name: "SystemPackage", package: "swift-system"),
        ]),
    Module(
        name: "CanaryGit", imports: ["CanaryText", "CanaryModel", "CanaryBisection", "CanaryFiles", "CanaryProcesses"]),
    Module(
        name: "CanaryInspection", imports: ["CanaryText", "CanaryModel", "CanaryFiles"], testedWith: ["CanaryDiagnosis"]
    ),
    Module(
        name: "CanaryRunner",
        imports: [
            "CanaryText", "CanaryModel", "CanaryDiagnosis", "CanaryFiles", "CanaryProcesses", "CanaryGit",
            "CanaryInspection",
        ],
        resources: [.embedInCode("Scripts")]),
    Module(
        name: "CanaryHistory", imports: ["CanaryModel", "CanaryJudge", "CanaryBisection"],
        libraries: [
            .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
        ], resources: [.embedInCode("Database/Migrations")], hasFixtures: true),
    Module(
        name: "CanaryNotifications",
        imports: ["CanaryText", "CanaryModel", "CanaryJudge", "CanaryProcesses", "CanaryHistory"]),
    Module(
        name: "CanaryPages", imports: ["CanaryText", "CanaryModel", "CanaryJudge", "CanaryBisection", "CanaryHistory"],
        libraries: [.product(name: "Mustache", package: "swift-mustache")],
        // One program that can be put anywhere: no bundle beside it.
        resources: [.embedInCode("Assets"), .embedInCode("Templates")], testedWith: ["Simulation"]),
    Module(
        name: "CanaryEngine",
        imports: [
            "CanaryText", "CanaryModel", "CanaryJudge", "CanaryBisection", "CanaryDiagnosis", "CanaryFiles",
            "CanaryGit", "CanaryHistory", "CanaryRunner",
        ]),
    Module(
        name: "CanaryDaemon",
        imports: [
            "CanaryText", "CanaryModel", "CanaryJudge", "CanaryBisection", "CanaryFiles", "CanaryHistory",
            "CanaryEngine",
        ],
        libraries: [
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]),
    Module(
        name: "CanaryServer",
        imports: [
            "CanaryText", "CanaryModel", "CanaryJudge", "CanaryBisection", "CanaryDiagnosis", "CanaryHistory",
            "CanaryPages",
        ],
        libraries: [
            "CZlib", .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        ], testedWith: ["Simulation"]),
    Module(
        name: "CanaryCommands",
        imports: [
            "CanaryText", "CanaryModel", "CanaryManifest", "CanaryJudge", "CanaryBisection", "CanaryFiles",
            "CanaryProcesses", "CanaryGit", "CanaryHistory", "CanaryRunner", "CanaryNotifications", "CanaryPages",
            "CanaryEngine", "CanaryDaemon", "CanaryServer",
        ], libraries: [.product(name: "ArgumentParser", package: "swift-argument-parser")]),
]

// LibFuzzer brings `main`, so nothing else can link this one.
let fuzz = Target.executableTarget(
    name: "fuzz",
    dependencies: [
        "CanaryText", "CanaryModel", "CanaryManifest", "CanaryDiagnosis", "CanaryFiles", "CanaryGit",
        "CanaryInspection", "CanaryRunner", "CanaryPages", "CanaryEngine", "CanaryDaemon", "CanaryServer",
    ], path: "Tests/Fuzz", swiftSettings: settings, linkerSettings: [.unsafeFlags(sanitizers)])

let package = Package(
    name: "canary",
    products: [.executable(name: "canary", targets: ["canary"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: modules.flatMap(\.targets) + (isFuzzing ? [fuzz] : []) + [
        .executableTarget(
            name: "canary", dependencies: ["CanaryCommands"], exclude: ["README.md"], swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["canary", "CanaryTestSupport"], swiftSettings: settings),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Repositories, stacks, folders and programs of tests.
        .target(
            name: "CanaryTestSupport", dependencies: ["CanaryText", "CanaryModel", "CanaryFiles"],
            path: "Tests/CanaryTestSupport",
            swiftSettings: settings),
        // Worlds in which the truth is known, for tests and for the benchmark of searches.
        .target(
            name: "Simulation", dependencies: ["CanaryText", "CanaryModel", "CanaryBisection"],
            path: "Tests/Simulation", swiftSettings: settings),
        .executableTarget(
            name: "simulate-searches", dependencies: ["CanaryText", "CanaryModel", "CanaryBisection", "Simulation"],
            path: "Benchmarks/SimulateSearches", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
