// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Faults on purpose, to prove that each kind is found and reported: nothing but coverage leads to them.
enum PlantedFault {
    static func read(_ bytes: UnsafeRawBufferPointer, as subject: Subject) {
        guard bytes.count == 3, bytes[0] == UInt8(ascii: "a") else { return }
        guard bytes[1] == UInt8(ascii: "s") else { return }
        guard bytes[2] == UInt8(ascii: "k") else { return }
        switch subject {
        case .plantedCrash: fatalError("a planted crash")
        case .plantedHang: while getpid() > 0 {}
        case .plantedMemory: fill(2 << 30)
        case .plantedOverread: require(byte(at: 3, in: bytes) != 42, "another byte")
        default: break
        }
    }

    @inline(never) private static func fill(_ count: Int) {
        let memory = [UInt8](repeating: 1, count: count)
        require(memory.last == 1, "the last byte")
    }

    @inline(never) private static func byte(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        bytes.baseAddress.map { Int($0.load(fromByteOffset: offset, as: UInt8.self)) } ?? 0
    }
}
