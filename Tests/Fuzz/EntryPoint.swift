// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One input of libFuzzer, which calls this from its own `main`.
@_cdecl("LLVMFuzzerTestOneInput")
public func readInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    _ = Subject.chosen.seconds(for: bytes)
    Repetition(of: bytes)?.read()
    return 0
}

/// A kind of text from outside, and what reads it.
enum Subject: String {
    case elf
    case cmake
    case log
    case junit
    case manifest
    case http
    case git
    case plantedCrash = "planted-crash"
    case plantedHang = "planted-hang"
    case plantedMemory = "planted-memory"
    case plantedOverread = "planted-overread"
    case plantedSquare = "planted-square"

    /// The one that `--subject=NAME` names; libFuzzer leaves such an argument alone.
    static let chosen: Subject = {
        let names = CommandLine.arguments.compactMap { argument in
            argument.hasPrefix("--subject=") ? String(argument.dropFirst("--subject=".count)) : nil
        }
        guard let subject = names.last.flatMap(Subject.init) else { fatalError("expected `--subject=NAME`") }
        return subject
    }()

    /// How many seconds of the processor an input may take, however busy the machine is.
    private static let limit = 5.0

    /// Reads an input, and returns how many seconds of the processor that took.
    func seconds(for bytes: UnsafeRawBufferPointer) -> Double {
        let start = clock()
        read(bytes)
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        require(seconds < Self.limit, "at most \(Self.limit) s for an input, found \(seconds) s")
        return seconds
    }

    private func read(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .elf: ElfInput.read(bytes)
        case .cmake: CMakeInput.read(bytes)
        case .log: LogInput.read(bytes)
        case .junit: JUnitInput.read(bytes)
        case .manifest: ManifestInput.read(bytes)
        case .http: HttpInput.read(bytes)
        case .git: GitInput.read(bytes)
        case .plantedCrash, .plantedHang, .plantedMemory, .plantedOverread, .plantedSquare:
            PlantedFault.read(bytes, as: self)
        }
    }
}

/// Ends the process, as a fault that the fuzzer reports, unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard !condition else { return }
    fatalError("expected \(message())")
}
