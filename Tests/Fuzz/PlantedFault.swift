// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Faults on purpose, to prove that each kind is found and reported: nothing but coverage leads to them.
enum PlantedFault {
    static func read(_ bytes: UnsafeRawBufferPointer, as subject: Subject) {
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "n") else { return }
        guard bytes[1] == UInt8(ascii: "o") else { return }
        switch subject {
        case .plantedCrash: fatalError("a planted crash")
        case .plantedHang: while getpid() > 0 {}
        case .plantedMemory: fill(2 << 30)
        case .plantedOverread: require(byte(at: bytes.count, in: bytes) != 42, "another byte")
        case .plantedSquare: spin(bytes.count * bytes.count)
        default: break
        }
    }

    /// Takes 0.7 s for the square of 64 KiB.
    private static func spin(_ work: Int) {
        let end = clock() + work * 700 / (1 << 32) * 1000
        while clock() < end {}
    }

    @inline(never) private static func fill(_ count: Int) {
        let memory = [UInt8](repeating: 1, count: count)
        require(memory.last == 1, "the last byte")
    }

    @inline(never) private static func byte(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        bytes.baseAddress.map { Int($0.load(fromByteOffset: offset, as: UInt8.self)) } ?? 0
    }
}
