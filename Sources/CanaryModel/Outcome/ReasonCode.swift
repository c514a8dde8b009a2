// SPDX-License-Identifier: Apache-2.0

/// Why an attempt did not pass; each reason has a code, a fault and a sentence.
package enum ReasonCode: String, CaseIterable, Codable, Sendable {
    case fetchUnreachable = "fetch.unreachable"
    case fetchTimeout = "fetch.timeout"
    case fetchBranchMissing = "fetch.branch-missing"
    case fetchRevisionMissing = "fetch.revision-missing"
    case fetchNoRelease = "fetch.no-release"
    case fetchCheckout = "fetch.checkout"
    case fetchSubmodule = "fetch.submodule"
    case fetchDownload = "fetch.download"
    case fetchProxy = "fetch.proxy"
    case fetchRateLimited = "fetch.rate-limited"
    case configureCMake = "configure.cmake"
    case configureMissingPackage = "configure.missing-package"
    case configureOther = "configure.other"
    case buildCompiler = "build.compiler"
    case buildLinker = "build.linker"
    case buildOther = "build.other"
    case installOther = "install.other"
    case testFailed = "test.failed"
    case inspectWrongUpstream = "inspect.wrong-upstream"
    case inspectUnusedUpstream = "inspect.unused-upstream"
    case limitAttempt = "limit.attempt"
    case limitSilence = "limit.silence"
    case limitMemory = "limit.memory"
    case limitDisk = "limit.disk"
    case limitProcesses = "limit.processes"
    case limitFiles = "limit.files"
    case limitSharedMemory = "limit.shared-memory"
    case environmentDiskFull = "environment.disk-full"
    case environmentEngine = "environment.engine"
    case environmentImage = "environment.image"
    case environmentToolMissing = "environment.tool-missing"
    case environmentKilled = "environment.killed"
    case environmentClock = "environment.clock"
    case environmentCompilerCache = "environment.compiler-cache"
    case environmentInterrupted = "environment.interrupted"
    case unknown

    /// Whose fault it is.
    package var fault: Fault { entry.fault }

    /// One sentence for people, without a final full stop.
    package var sentence: String { entry.sentence }

    /// The result that belongs to this reason: `error` for infrastructure, `timedOut` for time limits, otherwise `failed`.
    package var result: Result {
        switch self {
        case .limitAttempt, .limitSilence: .timedOut
        default: fault == .environment ? .error : .failed
        }
    }

    private var entry: (fault: Fault, sentence: String) {
        switch self {
        case .fetchUnreachable: (.environment, "the repository cannot be reached")
        case .fetchTimeout: (.environment, "the repository did not answer in time")
        case .fetchBranchMissing: (.environment, "the branch does not exist in the repository")
        case .fetchRevisionMissing: (.environment, "the repository does not provide the revision")
        case .fetchNoRelease: (.environment, "no tag of the repository is a release")
        case .fetchCheckout: (.environment, "the source cannot be checked out")
        case .fetchSubmodule: (.environment, "a submodule cannot be fetched")
        case .fetchDownload: (.environment, "a file or a package cannot be downloaded")
        case .fetchProxy: (.environment, "the proxy refused the request")
        case .fetchRateLimited: (.environment, "the server takes no more requests for now")
        case .configureCMake: (.change, "CMake stopped with an error")
        case .configureMissingPackage: (.change, "a required package was not found")
        case .configureOther: (.change, "the configure stage failed")
        case .buildCompiler: (.change, "the compiler stopped with an error")
        case .buildLinker: (.change, "the linker stopped with an error")
        case .buildOther: (.change, "the build stage failed")
        case .installOther: (.change, "the install stage failed")
        case .testFailed: (.change, "a test failed")
        case .inspectWrongUpstream: (.environment, "an upstream was used from outside its prefix")
        case .inspectUnusedUpstream: (.environment, "a required upstream was not used")
        case .limitAttempt: (.unknown, "the attempt exceeded its time limit")
        case .limitSilence: (.unknown, "the attempt printed nothing for too long")
        case .limitMemory: (.unknown, "the attempt exceeded its memory limit")
        case .limitDisk: (.unknown, "the attempt took more of the disk than it may")
        case .limitProcesses: (.unknown, "the attempt could start no more processes")
        case .limitFiles: (.unknown, "the attempt could open no more files")
        case .limitSharedMemory: (.unknown, "the shared memory of the attempt is full")
        case .environmentDiskFull: (.environment, "the disk is full")
        case .environmentEngine: (.environment, "the runtime could not start the attempt or keep it running")
        case .environmentImage: (.environment, "the image cannot be pulled or used")
        case .environmentToolMissing: (.environment, "a program that the recipe calls is not installed")
        case .environmentKilled: (.environment, "the attempt was killed from outside")
        case .environmentClock: (.environment, "the clock of the machine is wrong")
        case .environmentCompilerCache: (.environment, "the compiler cache cannot be used")
        case .environmentInterrupted: (.environment, "canary ended before the attempt did")
        case .unknown: (.unknown, "the log does not say why")
        }
    }
}
