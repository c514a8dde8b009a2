// SPDX-License-Identifier: Apache-2.0

/// One input of libFuzzer, which calls this from its own `main`.
@_cdecl("LLVMFuzzerTestOneInput")
public func readInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    Subject.chosen.read(bytes)
    if isRepeated(bytes) { repeated(bytes).withUnsafeBytes { Subject.chosen.read($0) } }
    return 0
}

/// The longest input, as `scripts/fuzz` says.
private let inputLimit = 64 << 10

/// Whether a short input is also read over and over, which a few are.
private func isRepeated(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count > 0 && bytes.count < inputLimit / 16 && bytes.reduce(0) { $0 &+ Int($1) } % 64 == 0
}

/// The input as often as the longest one can hold it: what takes the square of a length in time takes seconds for it.
private func repeated(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(inputLimit)
    while all.count + bytes.count <= inputLimit { all.append(contentsOf: bytes) }
    return all
}

/// A kind of text from outside, and what reads it.
enum Subject: String {
    case elf
    case cmake
    case log
    case manifest
    case http
    case git
    case plantedCrash = "planted-crash"
    case plantedHang = "planted-hang"
    case plantedMemory = "planted-memory"
    case plantedOverread = "planted-overread"

    /// The one that `--subject=NAME` names; libFuzzer leaves such an argument alone.
    static let chosen: Subject = {
        let names = CommandLine.arguments.compactMap { argument in
            argument.hasPrefix("--subject=") ? String(argument.dropFirst("--subject=".count)) : nil
        }
        guard let subject = names.last.flatMap(Subject.init) else { fatalError("expected `--subject=NAME`") }
        return subject
    }()

    func read(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .elf: ElfInput.read(bytes)
        case .cmake: CMakeInput.read(bytes)
        case .log: LogInput.read(bytes)
        case .manifest: ManifestInput.read(bytes)
        case .http: HttpInput.read(bytes)
        case .git: GitInput.read(bytes)
        case .plantedCrash, .plantedHang, .plantedMemory, .plantedOverread: PlantedFault.read(bytes, as: self)
        }
    }
}

/// Ends the process, as a fault that the fuzzer reports, unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard !condition else { return }
    fatalError("expected \(message())")
}
